"""Writing labels: saving an annotation, deciding gold, opening slots, importing gold."""

from annotator.labelling.services.bulk import add_imported_gold, open_slots
from annotator.labelling.services.saving import Save, save_annotation

__all__ = ["Save", "add_imported_gold", "open_slots", "save_annotation"]
