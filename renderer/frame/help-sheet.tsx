import { useStore } from 'zustand';
import type { RegisteredCommand } from '../state/keys.ts';
import { Dialog, Kbd, useKeysStore } from '../ui/index.ts';

/** Every key that works here and now, from the same registry that answers to them. */
export function HelpSheet({ onClose }: { readonly onClose: () => void }) {
  const keys = useKeysStore();
  const commands = useStore(keys, (state) => state.commands);
  const groups = groupCommands(commands);
  return (
    <Dialog title="Keys" width="wide" onClose={onClose}>
      <div className="help-groups">
        {groups.map(([group, members]) => (
          <section key={group} className="help-group" aria-label={group}>
            <h3>{group}</h3>
            <dl>
              {members.map((command) => (
                <div key={command.id} className="help-row">
                  <dt>{command.title}</dt>
                  <dd>
                    {command.keys?.map((each) => (
                      <span key={each}>
                        <Kbd keys={each} />
                        <span className="visually-hidden">{each}</span>
                      </span>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section className="help-group" aria-label="Charts">
          <h3>Charts</h3>
          <dl>
            {chartKeys.map(([title, each]) => (
              <div key={title} className="help-row">
                <dt>{title}</dt>
                <dd>
                  <Kbd keys={each} />
                  <span className="visually-hidden">{each}</span>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}

/** Keys of a focused chart are the chart's own, not commands. */
const chartKeys = [
  ['Move the crosshair', 'ArrowLeft ArrowRight'],
  ['Brush a time range', 'Shift+ArrowRight'],
  ['Logarithmic axis', 'l'],
  ['Clear', 'Escape'],
] as const;

function groupCommands(
  commands: readonly RegisteredCommand[],
): readonly (readonly [string, readonly RegisteredCommand[]])[] {
  const groups = new Map<string, RegisteredCommand[]>();
  const known = new Set<string>();
  for (const command of commands) {
    if (!command.keys || command.keys.length === 0 || command.layer === 'dialog' || known.has(command.id))
      continue;
    known.add(command.id);
    const members = groups.get(command.group) ?? [];
    groups.set(command.group, members);
    members.push(command);
  }
  return [...groups];
}
