// What the scripts beside it share. run_client_test.py starts the server and
// sets the environment.
import {createRequire} from 'node:module';

/// Where the server listens, e.g. `http://127.0.0.1:40312`.
export const url = process.env.TROUPE_URL;

/// The packages are not beside the scripts, where `import` would look.
export const load = createRequire(process.env.TROUPE_CLIENTS + '/');

/// Waits until `condition` holds; fails after 30 s.
export async function eventually(condition) {
  const deadline = Date.now() + 30_000;
  while (!(await condition())) {
    if (Date.now() > deadline)
      throw new Error(`never came true: ${condition}`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}
