import type { Handlers } from '../../shared/api/server.ts';
import type { RangeStatus } from '../../shared/domain/range.ts';
import type { FakeWorld } from './fake-world.ts';

/** The simulated network's controls. */
export function createFakeRange(world: FakeWorld) {
  const { situation, startMs, readClock, hasData, attackStartMs, emit } = world;

  function rangeStatus(): RangeStatus {
    return {
      running: hasData,
      speed: 1,
      historyProgress: situation === 'loading' ? 0.37 : 1,
      scenarios: [
        {
          name: 'syn-flood',
          label: 'SYN flood',
          summary: 'Half-open connections from many addresses.',
          isAttack: true,
        },
        {
          name: 'udp-amplification',
          label: 'UDP amplification',
          summary: 'Reflected DNS and NTP answers fill the line.',
          isAttack: true,
        },
        { name: 'http-flood', label: 'HTTP flood', summary: 'Requests to one costly path.', isAttack: true },
        {
          name: 'credential-stuffing',
          label: 'Credential stuffing',
          summary: 'Stolen names and passwords are tried.',
          isAttack: true,
        },
        {
          name: 'slow-origin-failure',
          label: 'Slow origin failure',
          summary: 'The origin answers ever slower.',
          isAttack: false,
        },
        {
          name: 'loss-of-reachability',
          label: 'Loss of reachability',
          summary: 'Clients of one region get no answer.',
          isAttack: false,
        },
        {
          name: 'flash-crowd',
          label: 'Flash crowd',
          summary: 'A sale: many real customers, no attack.',
          isAttack: false,
        },
      ],
      active:
        attackStartMs === null
          ? []
          : [
              {
                name: 'http-flood',
                customerId: 'acme',
                startedMs: attackStartMs,
                endsMs: attackStartMs + 1_800_000,
              },
            ],
      nextByItselfMs: startMs + 420_000,
    };
  }

  return {
    'range.status': rangeStatus,
    'range.start': ({ scenario, customerId }) => {
      const next: RangeStatus = {
        ...rangeStatus(),
        active: [
          {
            name: scenario,
            customerId: customerId ?? 'acme',
            startedMs: readClock(),
            endsMs: readClock() + 600_000,
          },
        ],
      };
      emit('range.changed', next);
      return next;
    },
    'range.stop': () => {
      const next = { ...rangeStatus(), active: [] };
      emit('range.changed', next);
      return next;
    },
    'range.setSpeed': ({ speed }) => {
      const next = { ...rangeStatus(), speed };
      emit('range.changed', next);
      return next;
    },
  } satisfies Partial<Handlers>;
}
