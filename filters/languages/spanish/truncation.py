"""Words that cannot end a Spanish sentence."""

HANGING = r"\s(?:de|del|que|y|e|la|el|los|las|en|a|al|por|para|con|un|una|su|sus|se|como|pero|sin|entre|desde|hasta|cuando|donde|porque|nuestro|nuestra|mi|tu|este|esta|cuyo|cuya)\s*$"
