// Words of the memory, of diffs and of undoing.
import { add } from "../i18n.js";

add({
  en: {
    "notes": "Notes", "notes.none": "There are no notes yet. What you tell the assistant to remember will stand here.", "notes.daily": "Daily notes", "notes.open": "Show notes",
    "note.new": "New note", "note.path": "Path", "note.create": "Write this note", "note.none": "There is no such note", "note.empty": "This note is empty.", "note.move": "Rename or move", "note.copy": "Copy the path", "note.moved": "The note is {path} now. Links to it stay as they were written.", "note.deleted": "{path} is deleted.",
    "note.protected": "Protected: it has a say in what the assistant does", "note.protected.short": "Protected", "note.readonly": "Read only",
    "memory.search": "Search notes and chats", "memory.results": "Results", "memory.in": "Search in", "memory.in.all": "All", "memory.in.notes": "Notes", "memory.in.sessions": "Chats", "memory.found": "{n} passages in {ms} ms", "memory.found.one": "A passage in {ms} ms", "memory.nothing": "Nothing was found.", "memory.why": "Why",
    "memory.welcome": "What I know", "memory.welcome.text": "{notes} notes, {passages} passages that can be found.", "memory.recent": "Changed lately", "memory.pending": "{n} passages are still being read for their meaning.",
    "edit": "Edit", "edit.field": "Text of {path}", "edit.preview": "Preview", "edit.show": "Show", "edit.write": "Text", "edit.close": "Done", "edit.unsaved": "Not saved", "edit.saving": "Saving…", "edit.saved": "Saved", "edit.behind": "This note was changed elsewhere while you write. Saving will show you both texts.",
    "edit.leave": "Leave without saving?", "edit.leave.text": "What you wrote here since the last saving would be lost.", "edit.leave.yes": "Leave",
    "conflict.title": "Somebody else changed this note", "conflict.text": "Nothing is lost: yours is not saved yet, theirs is what stands in the note. Marked lines differ.", "conflict.gone": "It was deleted or moved while you wrote. Yours is not saved yet.", "conflict.mine": "Yours", "conflict.theirs": "Theirs", "conflict.take": "Take theirs", "conflict.keep": "Keep mine", "conflict.both": "Open both",
    "links": "Links to", "backlinks": "Linked from", "history": "History", "history.none": "Nothing was changed yet.", "history.undone": "undone", "history.undo.label": "Undo the change of {when}",
    "who.owner": "You", "who.assistant": "The assistant", "who.system": "LocalGPT", "who.foreign": "The assistant, after reading others’ text", "who.undo": "Undone", "op.create": "made it", "op.append": "added to it", "op.replace": "changed it", "op.delete": "deleted it",
    "diff": "Differences", "diff.from": "from line {line}", "diff.none": "Nothing differs.", "diff.unknown": "What it was can't be told any more.",
    "undo.title": "Put this back?", "undo.text": "This is what would change. Later edits of yours stay.", "undo.yes": "Put back", "undo.nothing": "There is nothing that could be put back.", "undo.files": "{n} files are as they were.", "undo.files.one": "{path} is as it was.", "redo": "Redo", "redone": "The undoing is taken back.",
  },
  de: {
    "notes": "Notizen", "notes.none": "Noch gibt es keine Notizen. Was sich der Assistent merken soll, steht dann hier.", "notes.daily": "Tagesnotizen", "notes.open": "Notizen zeigen",
    "note.new": "Neue Notiz", "note.path": "Pfad", "note.create": "Diese Notiz schreiben", "note.none": "Diese Notiz gibt es nicht", "note.empty": "Diese Notiz ist leer.", "note.move": "Umbenennen oder verschieben", "note.copy": "Pfad kopieren", "note.moved": "Die Notiz heißt jetzt {path}. Links auf sie bleiben, wie sie geschrieben sind.", "note.deleted": "{path} ist gelöscht.",
    "note.protected": "Geschützt: Sie bestimmt mit, was der Assistent tut", "note.protected.short": "Geschützt", "note.readonly": "Nur lesbar",
    "memory.search": "Notizen und Chats durchsuchen", "memory.results": "Treffer", "memory.in": "Suchen in", "memory.in.all": "Alles", "memory.in.notes": "Notizen", "memory.in.sessions": "Chats", "memory.found": "{n} Stellen in {ms} ms", "memory.found.one": "Eine Stelle in {ms} ms", "memory.nothing": "Nichts gefunden.", "memory.why": "Warum",
    "memory.welcome": "Was ich weiß", "memory.welcome.text": "{notes} Notizen, {passages} auffindbare Stellen.", "memory.recent": "Zuletzt geändert", "memory.pending": "{n} Stellen werden noch auf ihre Bedeutung gelesen.",
    "edit": "Bearbeiten", "edit.field": "Text von {path}", "edit.preview": "Vorschau", "edit.show": "Zeigen", "edit.write": "Text", "edit.close": "Fertig", "edit.unsaved": "Nicht gespeichert", "edit.saving": "Speichert…", "edit.saved": "Gespeichert", "edit.behind": "Diese Notiz wurde anderswo geändert, während du schreibst. Beim Speichern siehst du beide Texte.",
    "edit.leave": "Ohne Speichern verlassen?", "edit.leave.text": "Was du hier seit dem letzten Speichern geschrieben hast, ginge verloren.", "edit.leave.yes": "Verlassen",
    "conflict.title": "Jemand anders hat diese Notiz geändert", "conflict.text": "Nichts ist verloren: Deine Fassung ist noch nicht gespeichert, die andere steht in der Notiz. Markierte Zeilen unterscheiden sich.", "conflict.gone": "Sie wurde gelöscht oder verschoben, während du schriebst. Deine Fassung ist noch nicht gespeichert.", "conflict.mine": "Deine Fassung", "conflict.theirs": "Die andere", "conflict.take": "Die andere nehmen", "conflict.keep": "Meine behalten", "conflict.both": "Beide öffnen",
    "links": "Verweist auf", "backlinks": "Verwiesen von", "history": "Geschichte", "history.none": "Noch wurde nichts geändert.", "history.undone": "rückgängig", "history.undo.label": "Die Änderung von {when} rückgängig machen",
    "who.owner": "Du", "who.assistant": "Der Assistent", "who.system": "LocalGPT", "who.foreign": "Der Assistent, nach fremdem Text", "who.undo": "Zurückgenommen", "op.create": "angelegt", "op.append": "ergänzt", "op.replace": "geändert", "op.delete": "gelöscht",
    "diff": "Unterschiede", "diff.from": "ab Zeile {line}", "diff.none": "Nichts ist anders.", "diff.unknown": "Wie es war, ist nicht mehr festzustellen.",
    "undo.title": "Das zurücknehmen?", "undo.text": "Das würde sich ändern. Was du später geändert hast, bleibt.", "undo.yes": "Zurücknehmen", "undo.nothing": "Es gibt nichts, was zurückgenommen werden könnte.", "undo.files": "{n} Dateien sind wie zuvor.", "undo.files.one": "{path} ist wie zuvor.", "redo": "Wiederholen", "redone": "Die Rücknahme ist aufgehoben.",
  },
});
