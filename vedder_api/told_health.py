"""A cluster's health as people may see it now: without what any cluster hides or withholds at this moment.

It was measured by what was forbidden then. Readings and gains stay; only sentences that would tell are left out.
"""

from dataclasses import replace

from vedder_api.agent.showing_veil import Veil
from vedder_core.health import Action, Health, Reading

NOT_TOLD = "What would help here is not for telling any more: run the pipelines, and what may be told is said again."


def told_health(health: Health, veil: Veil) -> Health:
    """The health with evidence and actions as far as they may be told."""
    return replace(health, readings=tuple(_told(reading, veil) for reading in health.readings))


def _told(reading: Reading, veil: Veil) -> Reading:
    evidence = tuple(sentence for sentence in reading.evidence if not veil.betrays(sentence))
    return replace(reading, evidence=evidence, actions=tuple(_action(one, veil) for one in reading.actions))


def _action(action: Action, veil: Veil) -> Action:
    values = (name.rpartition(".") for name in action.tells)
    forbidden = veil.hides_any((*action.names, *action.tells)) or veil.betrays(action.text)
    if forbidden or any(veil.why_withheld(dataset, column) is not None for dataset, _, column in values):
        return Action(NOT_TOLD, action.gain)
    return action
