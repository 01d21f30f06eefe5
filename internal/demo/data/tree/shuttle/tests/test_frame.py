import io
import unittest

from shuttle import frame


class FrameTest(unittest.TestCase):
    def test_round_trip(self):
        payload = bytes(range(256))[:200]
        body, = frame.frames(io.BytesIO(frame.pack(payload)))
        self.assertEqual(frame.unpack(body), payload)

    def test_bad_checksum(self):
        body, = frame.frames(io.BytesIO(frame.pack(b"warp")))
        with self.assertRaises(frame.BadFrame):
            frame.unpack(body[:-1] + b"x")


if __name__ == "__main__":
    unittest.main()
