"""The notes that a file carries in addition to its content: a record that is stored as JSON."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, SkipValidation, ValidationError


class Beside(BaseModel):
    """The origin and checksum of a text file, kept in the table of the same name."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    origin: str
    checksum: str


class Notes(BaseModel):
    """The versions, the code and the settings that made a file, and its origin.

    code: a digest, or one for each way in which its runs were trained; about: a description of its arrays,
    in a form that only their writer and their readers know.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    versions: dict[str, str] = Field(default_factory=dict)
    code: str | dict[str, str] = ""
    settings: Any = None
    settings_digest: str = ""
    origin: str = ""
    beside: Beside | None = None
    about: dict[str, SkipValidation[JsonValue]] = Field(default_factory=dict)

    def to_json(self, **more: str) -> str:
        """The notes as text, the same for equal notes; more: further entries, which `of_json` does not
        accept."""
        return json.dumps({**self.model_dump(), **more}, sort_keys=True)


NO_NOTES = Notes()


def of_json(value: object) -> Notes:
    """The notes that a JSON value holds; raises a ValueError with a one-line message if it holds none."""
    try:
        return Notes.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"notes {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
