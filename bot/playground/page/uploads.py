"""Files on their way up: a place to drop them, and the cards of those that were chosen."""

from collections.abc import Callable
from dataclasses import dataclass, field

from nicegui import ui
from nicegui.events import UploadEventArguments

from bot.playground.files import Upload
from bot.playground.page.elements import button, tag, text
from bot.playground.page.message_html import file_size


@dataclass
class FileDrop:
    """A place to drop files on, or to choose them; keeps them until the form is sent.

    Attributes:
        label: what the files are for.
        most: how many may be chosen.
        limit: the largest file in bytes.
    """

    label: str
    most: int
    limit: int
    files: list[Upload] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        """Draw it."""
        self._uploader = file_chooser(self._take, limit=self.limit, several=self.most > 1)
        words = (
            "Drop a file here, or choose one"
            if self.most == 1
            else f"Drop up to {self.most} files here, or choose them"
        )
        self._zone = text(words, "drop-zone", "button")
        self._zone.props["type"] = "button"
        self._zone.props["aria-label"] = self.label
        identity = self._uploader.id
        self._zone.on("click", js_handler=f"() => runMethod({identity}, 'pickFiles', [])")
        self._zone.on("dragover", js_handler="(event) => event.preventDefault()")
        drop = f"runMethod({identity}, 'addFiles', [event.dataTransfer.files])"
        self._zone.on("drop", js_handler=f"(event) => {{ event.preventDefault(); {drop} }}")
        self._list = tag("div", "chosen-files")

    def read(self) -> object:
        """Give the files."""
        return list(self.files)

    def _take(self, upload: Upload) -> None:
        if self.most == 1:
            self.files.clear()
        if len(self.files) < self.most:
            self.files.append(upload)
        self._show()

    def _show(self) -> None:
        self._list.clear()
        with self._list:
            for upload in self.files:
                chosen_file(upload, lambda upload=upload: self._drop(upload))  # type: ignore[misc]

    def _drop(self, upload: Upload) -> None:
        self.files.remove(upload)
        self._show()


def chosen_file(upload: Upload, on_remove: Callable[[], None]) -> None:
    """Draw a file that is going to be sent."""
    with tag("div", "chosen-file"):
        text(upload.filename, "file-name", "span")
        text(file_size(len(upload.data)), "file-size", "span")
        button("✕", "quiet", on_remove, label=f"Remove {upload.filename}")


def file_chooser(take: Callable[[Upload], None], *, limit: int, several: bool) -> ui.upload:
    """Give an unseen uploader that hands over every file at once."""

    async def arrived(event: UploadEventArguments) -> None:
        data = await event.file.read()
        take(Upload(event.file.name, data, event.file.content_type or None))
        uploader.reset()  # it would refuse the same file a second time

    def refused() -> None:
        ui.notify(
            f"That file is too large: at most {file_size(limit)} each.", position="top", classes="toast"
        )

    uploader = ui.upload(
        on_upload=arrived, on_rejected=refused, auto_upload=True, multiple=several, max_file_size=limit
    )
    return uploader.classes("unseen")
