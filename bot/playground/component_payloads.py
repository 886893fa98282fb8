"""Embeds and components as they are sent back: ids given, `attachment://name` made a signed address."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from bot.playground.components import FileBlock, Media
from bot.playground.controls import Component
from bot.playground.embeds import Embed
from bot.playground.files import Files
from bot.playground.model import Attachment
from bot.playground.payload_parts import Json


class ComponentPayloads:
    """Writes what may show a file of its message; those are given by name."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def component(self, component: Component, by_name: Mapping[str, Attachment]) -> Json:
        """Give a component as it is sent back: ids given, media with addresses."""
        payload: Json = {}
        for name in type(component).model_fields:
            value = getattr(component, name)
            if value is None and name not in component.always_sent:
                continue
            payload[name] = self._component_value(value, by_name)
        if isinstance(component, FileBlock):
            attachment = by_name.get(component.file.url.removeprefix("attachment://"))
            payload["name"] = attachment.filename if attachment else None
            payload["size"] = attachment.size if attachment else None
        return payload

    def _component_value(self, value: object, by_name: Mapping[str, Attachment]) -> object:
        if isinstance(value, Component):
            return self.component(value, by_name)
        if isinstance(value, Media):
            return self._media(value, by_name)
        if isinstance(value, list):
            return [self._component_value(each, by_name) for each in value]
        if isinstance(value, BaseModel):
            fields = {name: getattr(value, name) for name in type(value).model_fields}
            kept = {
                name: self._component_value(each, by_name)
                for name, each in fields.items()
                if each is not None or (name == "description" and "media" in fields)
            }
            if isinstance(kept.get("id"), int):
                kept["id"] = str(kept["id"])
            return kept
        return value

    def _media(self, media: Media, by_name: Mapping[str, Attachment]) -> Json:
        attachment = (
            by_name.get(media.url.removeprefix("attachment://"))
            if media.url.startswith("attachment://")
            else None
        )
        url = self._files.url(attachment.id) if attachment else media.url
        payload: Json = {
            "id": str(attachment.id if attachment else 1),
            "url": url,
            "proxy_url": url,
            "width": attachment.width if attachment else None,
            "height": attachment.height if attachment else None,
            "content_type": attachment.content_type if attachment else None,
            "placeholder": "",
            "loading_state": 2,
            "flags": 0,
        }
        if attachment:
            payload["attachment_id"] = str(attachment.id)
        return payload

    def embed(self, embed: Embed, by_name: Mapping[str, Attachment]) -> Json:
        """Give an embed, with `attachment://name` made an address."""
        payload: Json = {"type": "rich", **embed.model_dump(mode="json", exclude_none=True)}
        if not embed.fields:
            payload.pop("fields", None)
        for key in ("image", "thumbnail"):
            image = getattr(embed, key)
            if image is not None:
                name = image.url.removeprefix("attachment://")
                attachment = by_name.get(name) if image.url.startswith("attachment://") else None
                url = self._files.url(attachment.id) if attachment else image.url
                payload[key] = {
                    "url": url,
                    "proxy_url": url,
                    "width": (attachment and attachment.width) or 0,
                    "height": (attachment and attachment.height) or 0,
                    "flags": 0,
                }
        return payload
