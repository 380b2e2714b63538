"""Text that would steer a terminal, or be read as markup."""

ESCAPE = "\x1b[2J\x1b]0;título\x07"
MARKUP = "[bold red]no es formato[/] [link=x]ni esto"
HOSTILE = f"{ESCAPE}{MARKUP}\u202e"
