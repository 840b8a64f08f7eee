/** Style sheets and fonts are imported for their effect; the build turns them into files. */
declare module '*.css';
declare module '@fontsource-variable/inter';
declare module '@fontsource-variable/jetbrains-mono';
