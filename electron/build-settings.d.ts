/**
 * Whether this build lets the environment name another program to run the core, and other means that only tests use.
 * The build writes it in; a release build has none of the code behind it.
 */
declare const __ALLOW_CORE_RUNNER__: boolean;

/** The app's version, from package.json, written in by the build. */
declare const __APP_VERSION__: string;
