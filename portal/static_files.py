"""How static files are stored and named."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashes also what JavaScript modules import, so that browsers keep it as long as the rest."""

    support_js_module_import_aggregation = True
