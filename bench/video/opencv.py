# What `backdrop composite` does, as Python programs do it: MediaPipe's selfie segmentation
# (landscape), OpenCV's blur, and ffmpeg for encoding. Without MediaPipe an ellipse stands for the
# mask, which takes no time: the script is faster than any that looks for the person.
#   opencv.py CLIP OUT SIGMA CRF
import subprocess
import sys

import cv2
import numpy

try:
    import mediapipe
except ImportError:
    mediapipe = None

clip, out, sigma, crf = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4]
video = cv2.VideoCapture(clip)
width = int(video.get(cv2.CAP_PROP_FRAME_WIDTH))
height = int(video.get(cv2.CAP_PROP_FRAME_HEIGHT))
rate = video.get(cv2.CAP_PROP_FPS)
raw = ["-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{width}x{height}", "-r", str(rate)]
encoder = subprocess.Popen(
    ["ffmpeg", "-v", "error", "-nostdin", "-y", *raw, "-i", "-"]
    + ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-crf", crf, out],
    stdin=subprocess.PIPE,
)


def ellipse(_):
    mask = numpy.zeros((144, 256), numpy.float32)
    cv2.ellipse(mask, (128, 100), (45, 80), 0, 0, 360, 1, -1)
    return cv2.resize(cv2.GaussianBlur(mask, (0, 0), 2), (width, height))


def make_network():
    if mediapipe is None:
        return ellipse
    network = mediapipe.solutions.selfie_segmentation.SelfieSegmentation(model_selection=1)
    return lambda rgb: network.process(rgb).segmentation_mask


find_person = make_network()
small = (width // 4, height // 4)  # a blur that wide looks the same, and is faster
while True:
    is_read, frame = video.read()
    if not is_read:
        break
    mask = find_person(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
    alpha = numpy.clip((mask - 0.4) / 0.4, 0, 1)
    shrunk = cv2.resize(frame, small, interpolation=cv2.INTER_AREA)
    blurred = cv2.resize(cv2.GaussianBlur(shrunk, (0, 0), sigma / 4), (width, height))
    encoder.stdin.write(cv2.blendLinear(frame, blurred, alpha, 1 - alpha).tobytes())
encoder.stdin.close()
sys.exit(encoder.wait())
