import type { Handlers } from '../../shared/api/server.ts';
import { WatchfloorError } from '../../shared/domain/result.ts';

/** Looking at case files in the made-up core: there are none. */
export function fakeReview(): Pick<Handlers, 'review.open' | 'review.close'> {
  return {
    'review.open': () => {
      throw new WatchfloorError(
        'refused',
        'This is a demonstration in the page: no file can be opened here.',
      );
    },
    'review.close': () => ({ done: true }),
  };
}
