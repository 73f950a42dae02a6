"""`deepcount-trainer prepare`: checks data sets, and draws a contact sheet of each."""

import argparse
from pathlib import Path

from trainer.checking.prepare import check, draw_sheets, refuse_unreadable, write_unused
from trainer.checking.report import print_findings
from trainer.commands.options import add_choice, choice_of
from trainer.datasets import open_each
from trainer.files import made_folder


def add_prepare(parser: argparse.ArgumentParser) -> None:
    """Adds the options of this command."""
    add = parser.add_argument
    add("data", type=Path, nargs="+", metavar="DATA", help="folder of annotated pictures")
    add_choice(parser)
    add("--out", type=Path, default=Path("prepared"), metavar="DIR", help="contact sheets (default: %(default)s)")
    parser.set_defaults(run_command=_prepare, when_stopped="stopped; sheets that are drawn already stay")


def _prepare(options: argparse.Namespace) -> int:
    datasets = open_each(options.data, choice_of(options), layout=options.dataset)
    folder = made_folder(options.out, "output folder")
    findings = check(datasets)
    print_findings(findings)
    for path in (*draw_sheets(datasets, findings, folder), *write_unused(findings, folder)):
        print(f"written: {path}")
    refuse_unreadable(findings)
    return 0
