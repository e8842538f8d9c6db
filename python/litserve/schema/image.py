"""Images in base64, for APIs whose requests are models of pydantic's. Needs
pydantic and Pillow."""

import base64
import io
from typing import Any

from pydantic import BaseModel, field_serializer


class ImageInput(BaseModel):
    """An image of a request."""

    image_data: str

    def get_image(self) -> Any:
        """Returns the image as Pillow's."""
        from PIL import Image

        return Image.open(io.BytesIO(base64.b64decode(self.image_data)))


class ImageOutput(BaseModel):
    """An image of an answer: one of Pillow's."""

    image: Any

    @field_serializer("image")
    def _as_base64(self, image: Any) -> str:
        out = io.BytesIO()
        image.save(out, format="PNG")
        return base64.b64encode(out.getvalue()).decode()
