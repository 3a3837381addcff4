// Words of the tasks. The conflict's and the editor's come with the memory's.
import { add } from "../i18n.js";
import "../memory/words.js";

add({
  en: {
    "heartbeat": "Heartbeat", "heartbeat.hint": "What to look after unasked, one line each. With nothing here, nothing runs.", "heartbeat.example": "- [ ] Remind me to water the plants on Friday",
    "heartbeat.off": "Off", "heartbeat.paused": "Paused", "heartbeat.due": "Due", "heartbeat.waits": "On", "heartbeat.next": "Next {when}.", "heartbeat.every": "Looks every {interval}", "heartbeat.enable": "Switch it on in the settings",
    "plan": "What happens next", "plan.none": "Nothing is planned.", "plan.due": "due now", "plan.never": "not by itself", "soon.now": "now",
    "beats": "Last beats", "beats.none": "Nothing was done yet.", "beat.run": "Run now", "beat.dry": "Dry run", "beat.pause": "Pause", "beat.resume": "Resume", "beat.would": "What would be asked", "beat.told": "told by {to}", "beat.to": "would tell by {to}", "beat.anymodel": "the model of the settings",
    "beat.ok": "nothing to tell", "beat.sent": "told you", "beat.skipped": "skipped", "beat.failed": "failed", "beat.timed_out": "took too long", "beat.waiting": "waits for you", "beat.repeated": "told before",
    "budget.today": "Used today by what runs unasked", "budget.turns": "Turns today", "budget.tokens": "Tokens today", "budget.usd": "Money today",
    "inbox": "Inbox", "inbox.none": "Nothing waits for you.", "inbox.allow": "Allow", "inbox.deny": "Don't allow", "inbox.dismiss": "Done with it", "inbox.reply": "Reply", "inbox.reply.to": "Reply to “{title}”", "inbox.reply.hint": "Say what it should do instead", "inbox.session": "Open the conversation",
    "inbox.call": "Exactly this would run", "inbox.effects": "What it does:", "inbox.foreign": "The words of this call come from a text of others. Read them well.", "inbox.unwhole": "A secret was taken out of this call, so it can't run from here. Reply, or do it in a chat.",
    "inbox.allowed": "Allowed, and done", "inbox.dismissed": "Put away", "inbox.replied": "Your reply goes along",
    "background": "In the background", "task.new": "A new background task", "task.hint": "Do this in the background and tell me…", "task.add": "Add", "task.added": "It will be done in the background.", "task.none": "Nothing is being done in the background.", "task.all": "Show all {n}", "task.result": "Read the result", "task.session": "Conversation",
    "task.pause": "Pause", "task.resume": "Resume", "task.cancel": "Cancel", "task.is.queued": "next", "task.is.running": "at work", "task.is.paused": "paused", "task.is.waiting": "waits for you", "task.is.done": "done", "task.is.failed": "failed", "task.is.cancelled": "cancelled",
    "state.paused": "Nothing runs until you resume it.", "state.damaged": "What it remembered could not be read. Nothing runs until you resume it.", "state.disabled": "Nothing runs by itself.",
  },
  de: {
    "heartbeat": "Herzschlag", "heartbeat.hint": "Worum er sich ungefragt kümmern soll, je eine Zeile. Steht hier nichts, läuft nichts.", "heartbeat.example": "- [ ] Erinnere mich am Freitag ans Gießen",
    "heartbeat.off": "Aus", "heartbeat.paused": "Pausiert", "heartbeat.due": "Fällig", "heartbeat.waits": "An", "heartbeat.next": "Nächstes Mal {when}.", "heartbeat.every": "Sieht alle {interval} nach", "heartbeat.enable": "In den Einstellungen einschalten",
    "plan": "Was als Nächstes geschieht", "plan.none": "Nichts ist geplant.", "plan.due": "jetzt fällig", "plan.never": "nicht von selbst", "soon.now": "jetzt",
    "beats": "Letzte Schläge", "beats.none": "Noch wurde nichts getan.", "beat.run": "Jetzt ausführen", "beat.dry": "Probelauf", "beat.pause": "Pausieren", "beat.resume": "Fortsetzen", "beat.would": "Was gefragt würde", "beat.told": "gemeldet über {to}", "beat.to": "meldet über {to}", "beat.anymodel": "das Modell der Einstellungen",
    "beat.ok": "nichts zu melden", "beat.sent": "gemeldet", "beat.skipped": "ausgelassen", "beat.failed": "misslungen", "beat.timed_out": "dauerte zu lang", "beat.waiting": "wartet auf dich", "beat.repeated": "schon gemeldet",
    "budget.today": "Heute von ungefragter Arbeit verbraucht", "budget.turns": "Runden heute", "budget.tokens": "Tokens heute", "budget.usd": "Geld heute",
    "inbox": "Eingang", "inbox.none": "Nichts wartet auf dich.", "inbox.allow": "Erlauben", "inbox.deny": "Nicht erlauben", "inbox.dismiss": "Erledigt", "inbox.reply": "Antworten", "inbox.reply.to": "Antwort auf „{title}“", "inbox.reply.hint": "Sag, was er stattdessen tun soll", "inbox.session": "Unterhaltung öffnen",
    "inbox.call": "Genau das würde ausgeführt", "inbox.effects": "Was es tut:", "inbox.foreign": "Die Worte dieses Aufrufs stammen aus fremdem Text. Lies sie gut.", "inbox.unwhole": "Aus diesem Aufruf wurde ein Geheimnis entfernt, darum kann er von hier nicht laufen. Antworte, oder tu es in einem Chat.",
    "inbox.allowed": "Erlaubt und getan", "inbox.dismissed": "Weggelegt", "inbox.replied": "Deine Antwort geht mit",
    "background": "Im Hintergrund", "task.new": "Eine neue Hintergrundaufgabe", "task.hint": "Mach das im Hintergrund und sag mir Bescheid…", "task.add": "Hinzufügen", "task.added": "Wird im Hintergrund erledigt.", "task.none": "Im Hintergrund wird nichts getan.", "task.all": "Alle {n} zeigen", "task.result": "Ergebnis lesen", "task.session": "Unterhaltung",
    "task.pause": "Pausieren", "task.resume": "Fortsetzen", "task.cancel": "Abbrechen", "task.is.queued": "als Nächstes", "task.is.running": "in Arbeit", "task.is.paused": "pausiert", "task.is.waiting": "wartet auf dich", "task.is.done": "fertig", "task.is.failed": "misslungen", "task.is.cancelled": "abgebrochen",
    "state.paused": "Nichts läuft, bis du es fortsetzt.", "state.damaged": "Was es wusste, ließ sich nicht lesen. Nichts läuft, bis du es fortsetzt.", "state.disabled": "Nichts läuft von selbst.", "state.off": "Von selbst läuft es nie (heartbeat.interval ist 0m).", "state.quiet-hours": "Das sind nicht seine Stunden.", "state.just-edited": "HEARTBEAT.md wird gerade bearbeitet.", "state.empty-heartbeat-file": "In HEARTBEAT.md steht nichts, also läuft nichts.", "state.no-tasks-due": "Keine Aufgabe ist fällig.", "state.nothing-due": "Nichts ist fällig.", "state.unchanged": "Nichts von dem, was beobachtet wird, hat sich geändert.", "state.due": "Etwas ist fällig.",
  },
});
