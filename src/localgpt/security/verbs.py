"""Which words of a language ask for which kinds of effect: data."""

from __future__ import annotations

from localgpt.core.values import EffectKind

_R, _W, _S, _X, _P, _C = (
    EffectKind.READS,
    EffectKind.WRITES,
    EffectKind.SENDS,
    EffectKind.RUNS,
    EffectKind.SPENDS,
    EffectKind.CHANGES,
)

VERBS: dict[str, frozenset[EffectKind]] = {}
"""What a verb, as it stands in a wish, asks for."""
LOSING: set[str] = set()
"""Verbs that ask for something to be replaced or taken away."""
DELETING: set[str] = set()
"""Verbs that ask for something to be gone."""


def _add(kinds: set[EffectKind], words: str, *, losing: bool = False, deleting: bool = False) -> None:
    for word in words.split():
        VERBS[word] = VERBS.get(word, frozenset()) | kinds
        if losing or deleting:
            LOSING.add(word)
        if deleting:
            DELETING.add(word)


_add(
    {_S},
    "send resend email e-mail mail reply respond answer forward post repost publish share message text notify inform tweet submit upload dm cc announce distribute tell contact remind broadcast ping pass",
)
_add(
    {_S},
    "schick schicke schicken verschicke verschicken verschick sende senden versende versenden maile mailen antworte antworten beantworte beantworten weiterleiten veröffentliche veröffentlichen teile teilen poste posten benachrichtige benachrichtigen informiere informieren hochladen erinnere erinnern melde melden",
)
_add(
    {_S},
    "envoie envoyer envoyez réponds répondre répondez transfère transférer publie publier partage partager préviens prévenir envía enviar envíe manda mandar mándale responde responder reenvía reenviar publica publicar comparte compartir avisa avisar",
)
_add({_S, _C}, "invite einladen lade lad invita invitar")
_add({_C}, "add join ajoute ajouter añade añadir hinzufügen füge füg")
_add({_P}, "pay transfer buy purchase donate tip refund wire reimburse remit")
_add(
    {_P},
    "zahle zahl zahlen bezahle bezahl bezahlen begleiche begleichen überweise überweis überweisen ueberweise kauf kaufe kaufen spende spenden erstatte erstatten",
)
_add(
    {_P},
    "paie payer payez paye vire virer achète acheter paga pagar transfiere transferir compra comprar dona donar",
)
_add(
    {_P, _C},
    "order book reserve rent subscribe bestell bestelle bestellen buch buche buchen reservier reserviere reservieren miete mieten abonniere abonnieren réserve réserver commande commander reserva reservar alquila alquilar",
)
_add(
    {_W},
    "write save note remember append create make add record log put store keep draft summarize summarise insert jot list copy download translate compile collect file",
)
_add(
    {_W},
    "schreib schreibe schreiben speicher speichere speichern notier notiere notieren merk merke merken erstell erstelle erstellen ergänze ergänz ergänzen leg lege anlegen ablegen trag trage eintragen halte festhalten mach mache kopier kopiere kopieren fasse fass zusammenfassen übersetze übersetz übersetzen protokolliere sammle sammeln",
)
_add(
    {_W},
    "écris écrire écrivez note noter enregistre enregistrer crée créer résume résumer escribe escribir guarda guardar anota anotar crea crear resume resumir",
)
_add(
    {_W, _C},
    "change update edit modify replace rename move set fix correct rewrite overwrite adjust extend",
    losing=True,
)
_add(
    {_W, _C},
    "änder ändere ändern aktualisier aktualisiere aktualisieren ersetz ersetze ersetzen umbenennen benenne verschieb verschiebe verschieben korrigier korrigiere korrigieren überschreib überschreibe überschreiben bearbeite bearbeiten kürze kürzen setz setze setzen stell stelle stellen",
    losing=True,
)
_add(
    {_W, _C},
    "modifie modifier change changer remplace remplacer corrige corriger déplace déplacer cambia cambiar modifica modificar actualiza actualizar reemplaza reemplazar mueve mover",
    losing=True,
)
_add(
    {_W, _C},
    "delete remove erase clear discard drop trash empty purge clean cancel unsubscribe revoke",
    deleting=True,
)
_add(
    {_W, _C},
    "lösch lösche löschen loesche entfern entferne entfernen leere leeren verwirf verwerfen storniere storniere stornieren kündige kündigen wirf räum räume absagen",
    deleting=True,
)
_add(
    {_W, _C},
    "supprime supprimer efface effacer enlève enlever annule annuler borra borrar elimina eliminar quita quitar cancela cancelar",
    deleting=True,
)
_add(
    {_W, _C, _S},
    "schedule reschedule arrange plan vereinbare vereinbaren verabrede planifie planifier programa programar agenda terminiere",
)
_add(
    {_C},
    "configure enable disable activate deactivate register install uninstall reset grant kick ban accept decline approve reject confirm block mute turn switch sign",
)
_add(
    {_C},
    "aktivier aktiviere aktivieren deaktiviere deaktivieren konfiguriere konfigurieren installier installiere installieren registriere registrieren schalte schalten richte einrichten bestätige bestätigen akzeptiere ablehnen genehmige genehmigen sperre sperren active activer désactive désactiver installe installer configure configurer activa activar instala instalar configura configurar",
)
_add({_X}, "run execute build compile test install start launch deploy lint format rerun make")
_add(
    {_X},
    "führ führe ausführen start starte starten bau baue bauen kompilier kompiliere kompilieren teste testen installier installiere installieren lass laufen exécute exécuter lance lancer installe installer ejecuta ejecutar lanza lanzar instala instalar",
)

NOUNS = frozenset(
    "email e-mail mail reply answer post share message text tip transfer order book note record log list copy file draft"
    " change update set plan schedule test build start make run invite format tell contact set fix clean drop upload"
    " download install launch switch turn sign cancel empty clear move rent wire block ban keep store add save"
    " antworten posten teile teilen test mail note commande réserve partage compra reserva resume lista programa agenda"
    " active start lass laufen mache mach".split()
)
"""Verbs that are nouns as well: after an article they are."""

ARTICLES = frozenset(
    "a an the my your his her its our their any each every some last latest new next previous recent first this that these"
    " those all no another one which what whose both of per unread"
    " der die das den dem des ein eine einen einem einer eines mein meine meinen meiner dein deine sein seine ihr ihre unser"
    " unsere alle jede jeden jedes letzte letzten neue neuen diese dieser dieses diesen"
    " le la les l un une des mon ma mes son sa ses ce cette el los las una mi mis su sus este esta".split()
)
NEGATIONS = frozenset(
    "not don't dont never without no neither nor shouldn't mustn't avoid stop refrain nothing nobody"
    " nicht nichts nie niemals ohne kein keine keinen keinem keiner niemanden niemandem statt anstatt"
    " ne n'envoie pas jamais sans sin nunca jamás tampoco".split()
)
HARMLESS_NEGATIONS = frozenset(
    "forget hesitate fail worry vergiss vergesst vergessen zögere oublie olvides olvide".split()
)
"""After a negation they are a wish: "don't forget to send"."""
MONEY = r"[$€£¥]\s?\d|\d\s?[$€£¥]|\b\d[\d.,]*\s?(?:usd|eur|euros?|dollars?|gbp|pounds?|chf|franken|bucks)\b"
MAILED = frozenset(
    "email e-mail mail message reply letter dm nachricht antwort brief mails emails message courriel correo mensaje".split()
)
"""What is written to be sent."""
EVENTS = frozenset(
    "event appointment meeting reminder calendar call termin besprechung ereignis kalender kalendereintrag rendez-vous réunion cita reunión evento".split()
)
PAYMENTS = frozenset(
    "payment payments transfer transaction überweisung zahlung bezahlung dauerauftrag paiement virement pago transferencia".split()
)
"""What is done by paying."""
COMPOSING = frozenset(
    "write create make compose add schreib schreibe schreiben erstell erstelle erstellen mach mache verfasse verfassen"
    " formuliere écris écrire écrivez crée créer escribe escribir crea crear redacta".split()
)
"""With a mail they ask for it to be sent; who summarizes or files one sends nothing."""
PREVENTING = frozenset(
    "block decline reject mute disable deactivate ban kick sperre sperren ablehnen deaktiviere deaktivieren"
    " désactive désactiver".split()
)
"""With a payment they ask for none."""
READING = frozenset(
    "read show find look search check open list view fetch lies lese zeig zeige such suche finde schau sieh prüf prüfe"
    " öffne lis lire montre cherche lee leer muestra busca".split()
)
"""With these a message asks for something of its own, and doesn't go on with the one before."""
DRAFTS = frozenset("draft drafts entwurf entwürfe entwirf brouillon borrador".split())
"""What is written and not sent."""
for _word in "kümmere kümmern erledige erledigen veranlasse veranlassen arrange".split():
    VERBS.setdefault(_word, frozenset())
LOSING.add("reschedule")
_add({_S}, "leite leit")
