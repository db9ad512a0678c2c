// What the checks of `codexd doctor` look at.
import type { Services } from '../../app/services.ts';
import type { Setup } from '../../app/setup.ts';
import type { Failure } from '../../failure.ts';
import type { Invocation } from '../command.ts';
import type { Probes } from './probes.ts';

export interface Examined {
  call: Invocation;
  setup: Setup;
  services: Services;
  /** Configuration errors. */
  problems: readonly Failure[];
  probes: Probes;
  notices: readonly string[];
}
