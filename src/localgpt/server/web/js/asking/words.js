// Words of the questions about calls, and of the stop.
import { add } from "../i18n.js";

add({
  en: {
    "ask.title": "May this run?", "ask.new": "A question waits for your answer: {tool} {does}", "ask.call": "Exactly this would run", "ask.lines": "Exactly this would run, {n} lines", "ask.why": "Why it asks:", "ask.foreign": "It had read text of others before it asked for this. Read it well.",
    "ask.once": "Once", "ask.session": "In this chat", "ask.always": "Always exactly this", "ask.no": "No", "ask.word": "No, and say…", "ask.word.label": "What shall it be told?", "ask.word.hint": "Use the other file", "ask.left": "{time} left, then it is a no", "ask.late": "No time left", "ask.gone": "Nobody waits for this any more. What still needs your word is in the inbox:", "inbox.open": "open it",
    "ask.reads": "reads {target}", "ask.writes": "writes {target}", "ask.replaces": "writes {target} and replaces what is there", "ask.sends": "sends to {target}", "ask.network": "may use the network", "ask.runs": "runs a program that may reach more than your notes", "ask.runs.walled": "runs a program behind walls: no network, no folder but the workspace", "ask.spends": "spends {target}", "ask.changes": "changes {target} for good", "ask.unknown": "does something that is not known",
    "ask.is.once": "Allowed once", "ask.is.session": "Allowed in this chat", "ask.is.always": "Always allowed, exactly this", "ask.is.no": "Not allowed",
    "ask.at.page": "on the page", "ask.at.terminal": "in a terminal", "ask.at.api": "by a program", "ask.at.window": "in the window", "ask.at.nobody": "nobody answered", "ask.at.other": "at {door}",
    "bar.label": "Waits for you", "bar.one": "{tool} waits for your word {where}", "bar.more": "{n} calls wait for your word in other places", "bar.show": "Show", "bar.hide": "Hide", "bar.chat": "Open the chat",
    "frozen": "Everything is frozen: nothing runs, and nothing begins.", "frozen.since": "Since {when}, {where}", "thaw": "Thaw", "thawed": "Things may run again.",
  },
  de: {
    "ask.title": "Darf das laufen?", "ask.new": "Eine Frage wartet auf deine Antwort: {tool} {does}", "ask.call": "Genau das würde ausgeführt", "ask.lines": "Genau das würde ausgeführt, {n} Zeilen", "ask.why": "Warum es fragt:", "ask.foreign": "Es hatte fremden Text gelesen, bevor es das wollte. Lies es gut.",
    "ask.once": "Einmal", "ask.session": "In diesem Chat", "ask.always": "Immer genau das", "ask.no": "Nein", "ask.word": "Nein, und sag…", "ask.word.label": "Was soll ihm gesagt werden?", "ask.word.hint": "Nimm die andere Datei", "ask.left": "noch {time}, dann ist es ein Nein", "ask.late": "Die Zeit ist um", "ask.gone": "Darauf wartet niemand mehr. Was dein Wort noch braucht, ist im Eingang:", "inbox.open": "öffnen",
    "ask.reads": "liest {target}", "ask.writes": "schreibt {target}", "ask.replaces": "schreibt {target} und ersetzt, was dort steht", "ask.sends": "sendet an {target}", "ask.network": "darf ins Netz", "ask.runs": "führt ein Programm aus, das mehr erreichen kann als deine Notizen", "ask.runs.walled": "führt ein Programm hinter Mauern aus: kein Netz, kein Ordner außer dem Arbeitsbereich", "ask.spends": "gibt {target} aus", "ask.changes": "ändert {target} auf Dauer", "ask.unknown": "tut etwas Unbekanntes",
    "ask.is.once": "Einmal erlaubt", "ask.is.session": "In diesem Chat erlaubt", "ask.is.always": "Immer erlaubt, genau das", "ask.is.no": "Nicht erlaubt",
    "ask.at.page": "auf der Seite", "ask.at.terminal": "in einem Terminal", "ask.at.api": "durch ein Programm", "ask.at.window": "im Fenster", "ask.at.nobody": "niemand hat geantwortet", "ask.at.other": "bei {door}",
    "bar.label": "Wartet auf dich", "bar.one": "{tool} wartet auf dein Wort {where}", "bar.more": "{n} Aufrufe warten anderswo auf dein Wort", "bar.show": "Zeigen", "bar.hide": "Verbergen", "bar.chat": "Chat öffnen",
    "frozen": "Alles ist eingefroren: nichts läuft, und nichts beginnt.", "frozen.since": "Seit {when}, {where}", "thaw": "Auftauen", "thawed": "Es darf wieder laufen.",
  },
});
