"""Colours as colour-blind people see them, after Machado, Oliveira and Fernandes (2009), at full severity."""

import cv2
import numpy as np
from numpy.typing import NDArray

SIGHTS = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}


def lab(colours: NDArray[np.uint8], sight: str) -> NDArray[np.float32]:
    """Returns CIE L*a*b* (n, 3) of RGB (n, 3) as one of `SIGHTS` sees them."""
    parts = colours / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ SIGHTS[sight].T, 0, 1)
    encoded = np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055).astype(np.float32)
    return cv2.cvtColor(encoded[None], cv2.COLOR_RGB2LAB)[0]
