/** The kit's style sheets and faces, imported once at the root. */
import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import './tokens.css';
import './base.css';
import './kit.css';
