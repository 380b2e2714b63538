"""Words that cannot end a Spanish sentence, and endings that no Spanish word has."""

# "otra" can ("elige otra"), "a" and "que" cannot.
HANGING = r"\s(?:de|del|que|y|e|la|el|los|las|en|a|al|por|para|con|un|una|su|sus|se|como|pero|sin|entre|desde|hasta|cuando|donde|porque|nuestro|nuestra|mi|tu|este|esta|cuyo|cuya)\s*$"
# A native word ends in a vowel or in d, j, l, n, r, s, x, y, z after a vowel: what ends otherwise is a loan, a sound, or the
# beginning of a word (Real Academia Española, Ortografía de la lengua española, 2010, on final consonants).
UNFINISHED = r"[\s(«\"“¿¡*_](\p{Ll}*(?:[bcfghkmpqtvwñ]|[bcdfghjklmnñpqrstvwxz]{2}))$"
# Loans, abbreviations and units that do.
LOANS = (
    r"\b(?:internet|chef|chip|club|web|test|robot|blog|blogs|clip|clips|album|álbum|ítem|ítems|set|sets|kit|kits|pop|rock|rap|hip|hop|folk|punk|jazz|"
    r"sándwich|sandwich|ketchup|cupcake|brunch|lunch|sketch|ranking|parking|marketing|\w+ing|\w+ings|ballet|bufet|buffet|bidet|chalet|carnet|cabaret|"
    r"complot|debut|déficit|superávit|hábitat|accésit|cénit|cenit|mamut|fagot|magnet|bit|bits|byte|clic|tic|tac|zinc|bloc|frac|cómic|cómics|tictac|"
    r"coñac|vivac|chic|público|relax|film|films|tuit|tweet|tweets|spam|modem|módem|tótem|réquiem|referéndum|memorándum|fórum|quórum|ultimátum|currículum|vademécum|"
    r"podcast|podcasts|test|tests|best|boicot|esnob|yogurt|yogur|zigzag|iceberg|airbag|blazer|bluf|golf|chef|chefs|surf|staff|rosbif|nailon|"
    r"etc|vs|pm|am|km|cm|mm|kg|mg|kb|mb|gb|tb|hz|ml|dm|hm|http|https|www|app|apps|ebook|facebook|feedback|hardware|feed|back|stock|shock|snack|truck|kayak|"
    r"anorak|bistec|tanc|standard|estándar|show|shows|stand|stands|pub|pubs|reloj|boj|ginseng|wombats|clubs|chats|chat|bots|bot|robots|internets|hobbys|"
    r"récord|récords|lord|milord|fiord|weekend|sport|sports|export|import|airport|resort|resorts|yacht|cricket|ticket|tickets|basket|market|gourmet|"
    r"look|looks|boom|zoom|room|zum|zoológicos|ah|oh|eh|uh|bah|hurra|uf|puf|pam|pum|bum|plof|crac|cloc|toc|pib|iva|bbq|wifi|jpg|png|pdf|css|html|sql|xml|php|js)$"
)
# Of the beginnings of words that end in a vowel, those that no word is by its spelling (the same, on accents): an accent on the last
# syllable but one before a vowel, ü or qu at the end, -ció where the noun ends in -ción and no verb in -ciar.
MISSPELT = r"[\s(«\"“¿¡*_](\p{Ll}*(?:ü|qu|[áéó][bcdfghjklmnñpqrstvwxyz]+[aeiou]|[^\P{L}id]ós|cció|[^\P{L}nvsp]ació))$"
# The same for -i and -u, in which nearly all words are loans: only behind a sentence that is closed.
SELDOM = r"[.!?…:][\"»”)*]?\s[\s\S]*[\s(«\"“¿¡*_](\p{Ll}{2,}[bcdfghjklmnñpqrstvwxyz][iu])$"
CLOSING_VOWELS = (
    r"^(?:éste|ésta|ése|ésa|dónde|adónde|cómo|cuándo|cuánt[oa]|\p{L}+(?:me|te|se|l[aeo])|casi|mini|maxi|semi|anti|multi|taxi|bici|cursi|ovni|nazi|hindi|swahili|urdu|"
    r"kiwi|wifi|wiki|emoji|safari|bikini|tsunami|zombi|yogui|origami|graffiti|grafiti|paparazzi|jacuzzi|mariachi|khaki|alhelí|"
    r"br[oó]ccol[ií]|br[oó]coli|alioli|allioli|sushi|curri|surimi|nori|zucchini|funghi|salami|calamari|teriyaki|martini|nigiri|sashimi|tataki|goji|kimchi|chili|chimichurri|"
    r"pep+eroni|basmati|tandoori|(?:es|s)pag[uh]?et+i|\p{L}+(?:ini|oni|illi|elli|ioli|otti|ari)|tx?[ac]+oli|havarti|"
    r"espíritu|ímpetu|tribu|haiku|tofu|guru|menu|sudoku|ubuntu|tiramisu|caribu|bantu|yuzu|kombu)$"
)
