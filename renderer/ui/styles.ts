/** The kit's style sheets and faces, imported once at the root. */
import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import './tokens.css';
import './base.css';
import './button.css';
import './badges.css';
import './field.css';
import './radio-field.css';
import './layout.css';
import './table.css';
import './choice-list.css';
import './tabs.css';
import './dialog.css';
import './menu.css';
import './states.css';
import './text.css';
import './charts.css';
