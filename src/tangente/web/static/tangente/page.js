// What every page does with a script; without it all of it works by links and forms.
import "./theme.js";
import "./dialogs.js";
import "./dropping.js";
import "./finder.js";
import "./menu.js";
import "./rows.js";
import "./selecting.js";
import "./toasts.js";
