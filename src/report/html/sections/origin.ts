import { stringify } from 'yaml';
import { SERVICE_LABELS, SERVICE_NAMES } from '../../../services/types.ts';
import { formatMemory, formatNumberOf } from '../../figures.ts';
import { lockMastersText } from '../../lock-masters.ts';
import type { Result } from '../../model.ts';
import { html, type Markup } from '../markup.ts';
import { facts, section } from '../table.ts';

/** The command that repeats the run. */
export const repeatSection = ({ run }: Result): Markup =>
  section('repeat', 'Run it again', 'The same seed and configuration make the same decisions.', [
    html`<pre class="command" tabindex="0"><code id="command">${run.command}</code></pre>
      <button type="button" data-copy="command" hidden>Copy</button>`,
  ]);

/** What the figures come from. */
export const originSection = ({ run, environment }: Result): Markup => {
  const masters = lockMastersText(run);
  return section('origin', 'Measured on', `run ${run.id}, ${run.startedAt}`, [
    facts([
      ...SERVICE_NAMES.map((name): [string, string] => {
        const { version, origin } = run.services[name];
        return [SERVICE_LABELS[name], `${version} (${origin})`];
      }),
      ...(masters === undefined ? [] : [['lock', masters] as [string, string]]),
      ['processor', `${environment.cpu}, ${formatNumberOf(environment.cores, 'core')}`],
      ['memory', formatMemory(environment.memoryBytes)],
      ['Node.js', environment.node],
      ['trade-sim', environment.tradeSim],
    ]),
    html`<h3>Configuration</h3>
      <pre
        tabindex="0"
        role="region"
        aria-label="Configuration"
      ><code>${stringify(run.configuration)}</code></pre>`,
  ]);
};
