import { z } from 'zod';

/**
 * No generated code: the content policy forbids it. Schemas look whether they may generate some when they are made,
 * so this module is the first that the page loads.
 */
z.config({ jitless: true });
