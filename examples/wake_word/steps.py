"""What stands between the models of the wake-word chain: plain Python."""

import io
import wave

from troupe_worker import HTTPError, Request, ValidationError

# What the models were trained with.
RATE = 16000
WINDOW = 76  # frames of the spectrogram in an embedding
STEP = 8  # frames from one embedding to the next
HISTORY = 16  # embeddings that the word's model looks at


class Samples:
    """The samples of a WAV file, as the spectrogram's model takes them."""

    def decode_request(self, request: Request):
        try:
            with wave.open(io.BytesIO(bytes(request.body))) as file:
                return file.getparams(), file.readframes(file.getnframes())
        except (wave.Error, EOFError) as e:
            raise HTTPError(400, "expected a WAV file") from e

    def predict(self, item):
        params, data = item
        if (params.nchannels, params.sampwidth, params.framerate) != (1, 2, RATE):
            raise ValidationError("expected 16 bits, one channel, 16 kHz")
        samples = memoryview(data).cast("h").tolist()
        return {"shape": [1, len(samples)], "data": samples}


class Windows:
    """Overlapping windows of a spectrogram."""

    def predict(self, spectrogram):
        frames = [[x / 10 + 2 for x in frame] for frame in spectrogram[0][0]]
        return [{"shape": [1, WINDOW, 32, 1],
                 "data": [x for frame in frames[i:i + WINDOW] for x in frame]}
                for i in range(0, len(frames) - WINDOW + 1, STEP)]


class Histories:
    """For each moment the embeddings before it."""

    def predict(self, embeddings):
        rows = [x[0][0][0] for x in embeddings]
        return [{"shape": [1, HISTORY, 96],
                 "data": [x for row in rows[i:i + HISTORY] for x in row]}
                for i in range(len(rows) - HISTORY + 1)]


class Verdict:
    """The most certain moment."""

    def predict(self, scores):
        if not scores:
            raise ValidationError("the sound is too short: 2 s are needed")
        best = max(x[0][0] for x in scores)
        return {"heard": best > 0.5, "score": round(best, 3)}
