"""The main journey, told over REST by seven people who each sign in: every step is checked, and what differs ends the story.

The launcher's demonstration tells it on a machine with nothing installed; tests/journey tell the same story on RabbitMQ with
every process apart.
"""

from hearth.story.cast import Telling
from hearth.story.journey import Told, tell

__all__ = ["Telling", "Told", "tell"]
