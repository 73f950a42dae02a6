"""A configuration with comments on every setting."""

EXAMPLE = """\
# Cameras that DeepCount watches. Paths are relative to this file; coordinates go from 0 to 1, from the top left.

# model = "light"                  # or an ONNX file; default: what suits the machine
# provider = "auto"                # auto, cpu, cuda, tensorrt or openvino
# strict_provider = false          # true refuses to run on anything else than the provider asked for
# alert_weight = 1.0               # 2.0: cameras with rules are counted twice as often where it cannot count all
# database = "counts.db"           # a file, or the URL of a database; default: no log

# [retention]                      # samples_days = 30 keeps seconds for so many days; default: all for ever
# samples_days = 30
# clips_days = 90                  # snapshots and clips of alerts
# minutes_days = 365
# hours_days = 3650
# alerts_days = 365                # of those that are closed

# [backup]                         # folder = "backups" has the log copied there each night, with its audit log's proof
# folder = "backups"               # default: none, and no back-ups
# every = "daily"                  # or "weekly", on Sundays
# at = "03:00"                     # by this computer's clock; one that was missed is made at the next start
# keep = 7                         # copies

# [recordings]                     # free_gigabytes = 5.0 lets the oldest go before the disk is full; default: 5
# folder = "recordings"            # default: one in your own data folder
# free_gigabytes = 5.0

[[cameras]]
name = "gate"
address = "rtsp://192.168.1.20:554/stream1"  # or rtsps://, http://, https://, rtmp://, rtmps://, udp://, rtp://, srt://,
                                   # webcam:0, webcam:NAME, /dev/video0, a video, a folder of pictures; docs/cameras.md
                                   # shows one of each; http is MJPEG, MPEG-TS, HLS, or one JPEG picture asked for again
# address_small = "rtsp://192.168.1.20:554/stream2"  # its small stream: counted and shown at a fraction of the cost,
                                   # while the other is for recordings, clips of alerts, and enlarged pictures
# user = "viewer"
# password = "keyring"             # it lies in the system's keyring, where the window puts it; or instead
# password_env = "GATE_PASSWORD"   # the environment variable that holds the password; keep passwords out of this file
# transport = "tcp"                # or udp
# tls_verify = true                # false takes any certificate of rtsps, https and rtmps: where the network is trusted
# tls_ca = "gate.pem"              # or the file with the camera's own certificate, or with that of its authority
# max_fps = 5.0                    # count at most so many frames a second; ask so often for a picture (default: 1)
# open_timeout_s = 5.0
# read_timeout_s = 5.0
# hardware = "off"                 # auto, vaapi, cuda or videotoolbox decode on the graphics card
# aspect = "auto"                  # or such as "16:9", where the camera squeezes its picture and does not tell
# grid = "auto"                    # by size and by what is seen; or rows x columns of tiles, such as "2x3"
# weight = 1.0                     # 2.0: counted twice as often as others where the computer cannot count all
# density_interval_s = 1.0         # a density map so often, if zones or a screen need it; 0: every frame, "never": none
# smoothing_s = 0.5                # steadies the count, which follows about as much later; 0: off
# model = "gate.onnx"              # of its own, such as one that learnt from its checked frames; default: that of all
# motion_gate = false              # true keeps the count while nothing moves
# enabled = true
# counted = true                   # false only shows it
# on_wall = true                   # false only counts it
# capacity = 200                   # people that it holds: a line in the curve
# include = [[[0.0, 0.3], [1.0, 0.3], [1.0, 1.0], [0.0, 1.0]]]       # only people in here count
# privacy = [[[0.8, 0.0], [1.0, 0.0], [1.0, 0.2], [0.8, 0.2]]]       # blanked before anything sees it

# [cameras.recording]              # keep = "always" copies what the camera sends into files of a minute
# keep = "always"                  # or "on alert", while one of its alerts is open; default: "never"
# days = 7                         # older ones are deleted; "never": none
# gigabytes = 100.0                # of this camera, the oldest go first; default: as much as the disk has
# masked = "encode"                # privacy masks: the masked picture is encoded; "none" records nothing then
# before_s = 10.0                  # what was before an alert
# after_s = 30.0                   # what comes after it

# [cameras.calibration]            # where the ground is, for people/m²; the window writes tilt = 0.6 and so on
# picture = 1.777778               # width over height of the picture in which was marked; for another it is stale
# focal = 1.05                     # what was found: focal length in heights of the picture, angles in radians, metres
# tilt = 0.61
# roll = 0.0
# height = 6.0
# people = [{foot = [0.2, 0.95], head = [0.19, 0.7], tall = 1.7}]         # what was marked
# distances = [{start = [0.2, 0.9], end = [0.8, 0.9], metres = 5.0}]

# [cameras.correction]             # gain = 1.12 and so on, as 'deepcount-engine checks correct' and the window write it
# gain = 1.12
# offset = 0.0                     # people
# checks = 14                      # how many frames it was found on, the error there before and after, and the model
# before = 4.1
# after = 2.3
# model = "8f30..."                # SHA-256; with another model counts stay as it says

[[cameras.zones]]
name = "north"
# capacity = 50
polygon = [[0.0, 0.0], [0.5, 0.0], [0.5, 1.0], [0.0, 1.0]]

# [[cameras.rules]]                # a name and above = 25 are a whole rule; alerts are kept in the database
# name = "crowded"
# zone = "north"                   # default: the whole picture
# measure = "count"                # or "share" of the capacity (0.9 is nine tenths), "change" in a minute, "lost",
#                                  # "density" in people/m² (needs the calibration), "doubt" of the count
# above = 25.0                     # or below; neither where the camera is "lost"
# certain = false                  # true: only where the count is beyond it with 95 % certainty, by its interval
# clear = 22.5                     # where an alert clears; default: a tenth from the threshold
# for_s = 3.0                      # so long before a breach is an alert
# clear_for_s = 3.0                # so long before an alert clears; default: as for_s
# cooldown_s = 60.0                # no other so long after
# severity = "warning"             # info, warning or critical
# worse_severity = "critical"      # what it becomes that lasts
# worse_after_s = 300.0            # for so long
# schedule = ["mon-fri 08:00-18:00", "sat 22:00-04:00"]  # when alerts are raised; default: always
# timezone = "Europe/Berlin"       # of the schedule; default: the computer's

[[cameras]]
name = "webcam"
address = "webcam:0"
enabled = false

[[cameras]]
name = "recording"
address = "clips/yard.mp4"
enabled = false
# loop = true                      # begin again at the end; only files and folders can

# [[groups]]                       # its count = the sum of its members; it may have [[groups.rules]] too
# name = "all"
# members = ["webcam", "gate/north"]
# capacity = 300

# [[sinks]]                        # kind = "webhook": POST of JSON, signed by a key; alerts wait in the database for it
# name = "control room"
# kind = "webhook"
# url = "https://example.com/alerts"  # or url_env names the environment variable with a URL that is a secret itself
# password = "keyring"             # the key that signs: in the system's keyring under deepcount, sink@control room; or
# password_env = "HOOK_KEY"        # the environment variable that holds it
# severity = "warning"             # and worse; default: all
# only_cameras = ["gate", "all"]   # and groups; default: all
# quiet = ["daily 22:00-06:00"]    # what is to be told waits until these are over; default: none
# timezone = "Europe/Berlin"       # of the quiet hours; default: the computer's
# most_per_minute = 10             # what would be more is told together, with its number
# timeout_s = 10.0
# give_up_days = 3                 # what could not be told for so long is kept as failed
# enabled = true

# [[sinks]]                        # kind = "mqtt": events, and the retained states of cameras and rules
# name = "building"
# kind = "mqtt"
# host = "192.168.1.2"
# port = 1883                      # default: 1883, with tls 8883
# security = "none"                # or "tls"
# user = "deepcount"               # password = "keyring" or password_env, as above
# password = "keyring"
# password_env = "MQTT_PASSWORD"
# topic = "deepcount"
# discovery = true                 # Home Assistant finds cameras and rules by itself

# [[sinks]]                        # kind = "email": SMTP
# name = "night watch"
# kind = "email"
# host = "mail.example.com"
# port = 587                       # default: 587, with tls 465, with none 25
# security = "starttls"            # or "tls", or "none" for a server that asks for no password
# tls_ca = "mail.pem"              # or the file with the server's own certificate, or with that of its authority
# user = "cameras@example.com"
# password = "keyring"
# password_env = "MAIL_PASSWORD"
# sender = "cameras@example.com"
# to = ["watch@example.com"]
# picture = true                   # of the alert, where there is one

# [[sinks]]                        # kind = "program": gets JSON on its standard input
# name = "siren"
# kind = "program"
# program = ["/usr/local/bin/siren", "--loud"]  # no shell reads it; killed with its children after timeout_s
"""


def example_config() -> str:
    """Returns a configuration with comments on every setting, to start from."""
    return EXAMPLE
