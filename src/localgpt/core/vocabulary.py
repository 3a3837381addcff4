"""Word lists by language: the small words that carry no topic, and English forms that no stemmer unites.

Data only; ``localgpt.core.words`` is what uses it. ISO 639-1 codes; words are case-folded and without apostrophes.
"""

from __future__ import annotations

from collections.abc import Mapping

STOP_WORDS: Mapping[str, frozenset[str]] = {
    "en": frozenset(
        """
        a about above after again against all also am an and any anybody anyone anything are arent around as at be
        because been before being below between both but by can cannot cant could couldnt did didnt do does doesnt
        doing done dont down during each either else ever every for from further get gets getting got had hadnt has
        hasnt have havent having he hed her here hers herself hes him himself his how however i id if ill im in into
        is isnt it its itself ive just let lets lot many me might more most much must mustnt my myself neither no nor
        not now of off on once one only or other our ours ourselves out over own per please quite rather really s
        same shall she shed shes should shouldnt since so some somebody someone something still such t than that
        thats the their theirs them themselves then there theres these they theyd theyll theyre theyve thing things
        this those through to too under until up upon us very was wasnt we wed well were weve werent what whatever
        whats when whenever where which whichever while who whoever whom whos whose why will with within without wont
        would wouldnt yes yet you youd youll your youre yours yourself yourselves youve
        """.split()
    ),
    "de": frozenset(
        """
        ab aber alle allem allen aller alles als also am an andere anderem anderen anderer anderes ans auch auf aus
        bei beim bin bis bist bitte da dabei dadurch dafür dagegen daher damit danach dann daran darauf daraus darf
        darin darum darüber das dass dasselbe davon davor dazu dein deine deinem deinen deiner deines dem den denen
        denn der deren derselbe des dessen dich die dies diese dieselbe diesem diesen dieser dieses dir doch dort du
        durch eben ein eine einem einen einer eines einige einigem einigen einiger einmal er es etwas euch euer eure
        eurem euren eurer für gegen gehabt gewesen geworden gibt hab habe haben habt hast hat hatte hatten hattest hier
        hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im in ins ist ja jede jedem jeden jeder jedes
        jemand jene jenem jenen jener jetzt kann kannst kein keine keinem keinen keiner keines können könnte könnten
        man manche manchem manchen mancher mehr mein meine meinem meinen meiner meines mich mir mit muss musste müssen
        nach nicht nichts noch nun nur ob obwohl oder ohne schon sehr sein seine seinem seinen seiner seines seit
        selbst sich sie sind so sogar solche solchem solchen solcher soll sollen sollte sondern sonst über um und uns
        unser unsere unserem unseren unter viel viele vielen vom von vor wann war waren warst warum was weil weiter
        welche welchem welchen welcher welches wem wen wenn wer werde werden weshalb wessen wie wieder wieso will
        wir wird wirst wo woher wohin womit wofür worüber wollen wollte worden wurde wurden während würde würden zu
        zum zur zwar zwischen
        """.split()
    ),
    "fr": frozenset(
        """
        ai alors as au aucun aussi autre aux avait avant avec avez avoir avons bien car ce cela ces cet cette ceux
        chez comme comment dans de depuis des dont du elle elles en encore entre est et eu eux fait faire ici il ils
        je jamais la le les leur leurs lui ma mais me mes moi mon ne ni non nos notre nous on ont ou où par parce pas
        pendant peu plus pour pourquoi quand que quel quelle quelles quels qui quoi sa sans se ses si son sont sous
        suis sur ta te tes toi ton tous tout toute toutes très tu un une vers vos votre vous y à été était être
        """.split()
    ),
    "es": frozenset(
        """
        a al algo alguien algún ante antes aquel aquella aquí así aún aunque cada como con contra cual cuando cuál
        cuándo cuánto cómo de del desde donde dónde durante e el ella ellas ellos en entre era eran es esa ese eso esta
        estaba estar este esto está están fue fueron ha haber había han hasta hay he la las le les lo los me mi mis mucho
        muy más nada ni no nos nosotros o para pero poco por porque que quien quién qué se sea ser si sido sin sobre
        son soy su sus sí también te tener tiene todo todos tu tus tú un una uno unos y ya yo él
        """.split()
    ),
    "it": frozenset(
        """
        a abbiamo ai al alla alle allo anche ancora avere aveva che chi ci come con contro cosa cui da dagli dai dal
        dalla dalle dei del della delle dello di dopo dove e ed era erano essere fa fra già gli ha hai hanno ho i il
        in io la le lei li lo loro lui ma mi mia mie miei mio molto ne negli nei nel nella nelle no noi non nostra
        nostro o ogni per perché però più poi prima qual quale quando quanto quella quelle quelli quello questa
        queste questi questo qui se sei si sia siamo sono sta stata stato su sua sue sugli sui sul sulla suo suoi
        tra tu tua tuo tutti tutto un una uno vi voi è
        """.split()
    ),
}

SNOWBALL: Mapping[str, str] = {
    "en": "english",
    "de": "german",
    "fr": "french",
    "es": "spanish",
    "it": "italian",
}
"""The Snowball algorithm of each language."""

_IRREGULAR = """
    go went gone goes; buy bought; bring brought; think thought; teach taught; catch caught; fight fought; seek sought;
    see saw seen; eat ate eaten; drink drank drunk; drive drove driven; write wrote written; ride rode ridden;
    give gave given; take took taken; make made; come came; become became; begin began begun; swim swam swum;
    sing sang sung; run ran; meet met; find found; feel felt; leave left; lose lost; keep kept; sleep slept; tell told;
    say said; sell sold; hold held; hear heard; spend spent; send sent; build built; win won; pay paid; know knew known;
    grow grew grown; throw threw thrown; fly flew flown; draw drew drawn; speak spoke spoken; break broke broken;
    choose chose chosen; wear wore worn; fall fell fallen; forget forgot forgotten; stand stood; sit sat;
    understand understood; wake woke woken; hide hid hidden; steal stole stolen; shoot shot; lend lent; mean meant;
    child children; person people; man men; woman women; mouse mice; foot feet; tooth teeth; wife wives; life lives;
    knife knives; leaf leaves
"""

IRREGULAR: Mapping[str, str] = {
    form: forms[0] for forms in (entry.split() for entry in _IRREGULAR.split(";")) for form in forms[1:]
}
"""English forms and the word that they are forms of."""

QUESTION_WORDS = frozenset(
    """
    who whos whom whose what whats when where which why how
    wer was wann wo wohin woher warum wieso weshalb wie wem wen wessen welche welcher welches welchen welchem womit
    wofür worüber wovon wozu
    """.split()
)

QUESTION_VERBS = frozenset(
    """
    is are was were am do does did can could will would should shall have has had may might isnt arent dont doesnt didnt
    ist sind war waren bin bist hat habe haben hast hatte hatten kann kannst können könnt könnte könntest soll sollte
    muss darf wird werden willst weißt weisst gibt gab
    """.split()
)

OPENINGS = frozenset(
    "hey hi hello hallo ok okay please bitte and und so also but aber sorry well na ach oh".split()
)
"""Words before a question that are no part of it."""

REQUESTS = frozenset(
    "tell show give find remind sag sage zeig zeige gib nenn nenne such suche erzähl erzähle erinner".split()
)
"""What one says to be told something: ``tell me when …``, ``zeig mir …``."""

RECEIVERS = frozenset("me us mir uns".split())
"""Whom a request is for."""

WONDERING = (
    *("i wonder", "i forgot", "i forget", "i dont know", "i cant remember", "i dont remember", "im not sure"),
    *("ich frage mich", "ich weiß nicht mehr", "ich weiss nicht mehr", "ich weiß nicht", "ich weiss nicht"),
    *("ich habe vergessen", "weiß nicht mehr", "weiss nicht mehr", "keine ahnung"),
)
"""What before a question's word makes a question of a statement; the longer of two that begin alike is first."""

SUBJECTS = frozenset(
    """
    i you he she it we they there this that these those the a an my your our his her their its anyone anybody someone
    ich du er sie es wir ihr man mein meine meinem meinen dein deine unser unsere sein seine der die das ein eine jemand
    """.split()
)
"""Words that can be the subject: after a question's verb they confirm it, after its first word they refute it."""

GERMAN_STRONG = """
    fahren fährt fährst fuhr fuhren gefahren; rufen ruft rief riefen gerufen; ziehen zieht zog zogen gezogen;
    laufen läuft lief liefen gelaufen; lassen lässt ließ ließen gelassen; halten hält hielt hielten gehalten;
    schlafen schläft schlief geschlafen; fallen fällt fiel fielen gefallen; tragen trägt trug trugen getragen;
    waschen wäscht wusch gewaschen; wachsen wächst wuchs gewachsen; schlagen schlägt schlug geschlagen;
    laden lädt lud luden geladen; graben gräbt grub gegraben; backen bäckt buk gebacken; raten rät riet geraten;
    lesen liest las lasen gelesen; sehen sieht sah sahen gesehen; essen isst iss aß aßen gegessen;
    vergessen vergisst vergaß vergaßen; messen misst maß gemessen; treten tritt trat getreten;
    treffen trifft traf trafen getroffen; sprechen spricht sprach sprachen gesprochen;
    brechen bricht brach brachen gebrochen; stechen sticht stach gestochen; werfen wirft warf warfen geworfen;
    helfen hilft half halfen geholfen; sterben stirbt starb gestorben; empfehlen empfiehlt empfahl empfohlen;
    stehlen stiehlt stahl gestohlen; schreiben schreibt schrieb schrieben geschrieben;
    bleiben bleibt blieb blieben geblieben; leihen leiht lieh liehen geliehen; steigen steigt stieg stiegen gestiegen;
    schneiden schneidet schnitt schnitten geschnitten; streichen streicht strich gestrichen;
    reißen reißt riss gerissen; beißen beißt biss gebissen; unterscheiden unterschied unterschieden;
    streiten streitet stritt gestritten; reiten reitet ritt geritten; schließen schließt schloss schlossen geschlossen;
    gießen gießt goss gegossen; fliegen fliegt flog flogen geflogen; verlieren verliert verlor verloren;
    bieten bietet bot boten geboten; frieren friert fror gefroren; biegen biegt bog gebogen; riechen riecht roch gerochen;
    finden findet fand fanden gefunden; trinken trinkt trank tranken getrunken; singen singt sang sangen gesungen;
    springen springt sprang gesprungen; binden bindet band gebunden; sinken sinkt sank gesunken;
    schwimmen schwimmt schwamm schwammen geschwommen; beginnen beginnt begann begannen begonnen;
    gewinnen gewinnt gewann gewonnen; bringen bringt brachte brachten gebracht; denken denkt dachte gedacht;
    brennen brennt brannte gebrannt; kennen kennt kannte gekannt; nennen nennt nannte genannt;
    rennen rennt rannte gerannt; sitzen sitzt saß saßen gesessen; liegen liegt lag lagen gelegen;
    bitten bittet bat gebeten; hängen hängt hing gehangen; heben hebt hob gehoben; schieben schiebt schob geschoben;
    wiegen wiegt wog gewogen; lügen lügt log gelogen; heißen heißt hieß geheißen; scheinen scheint schien geschienen
"""
"""Forms of the German verbs that change their vowel and whose forms tell something; the commonest of all are left out."""

GERMAN_KIN = """
    str straße; dr doktor; tel telefon telefonnummer; nr nummer; std stunde; min minute; bhf bahnhof; hbf hauptbahnhof;
    tgl täglich; mtl monatlich; jährl jährlich; geb geboren; prof professor; mwst mehrwertsteuer; whg wohnung;
    zwei 2; drei 3; vier 4; fünf 5; sechs 6; sieben 7; acht 8; neun 9; zehn 10; elf 11; zwölf 12; dreizehn 13;
    vierzehn 14; fünfzehn 15; sechzehn 16; siebzehn 17; achtzehn 18; neunzehn 19; zwanzig 20; dreißig 30; vierzig 40;
    fünfzig 50; sechzig 60; siebzig 70; achtzig 80; neunzig 90; hundert 100; tausend 1000
"""
"""German abbreviations and numbers with what they stand for."""

SEPARABLE = frozenset(
    "ab an auf aus bei durch ein fest fort frei her hin los mit nach statt um unter vor vorbei weg weiter wieder zu zurück"
    " zusammen".replace("ü", "u").split()
)
"""German prefixes that part from their verb, without accents as stems are."""
