// Keeps the key of a browser that has just logged in with this origin, and goes on to the page.
import { write } from "./js/store.js";

const key = document.querySelector('meta[name="localgpt-key"]');
if (key) write("key", key.content);
location.replace("/");
