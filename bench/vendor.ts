// A simulated vendor as a process of its own, without faults and without webhooks; told which by a JSON argument.
import { openSimulator } from '../src/simulators/simulator.ts';
import { instagram, messenger } from '../src/simulators/messaging/vendor.ts';
import { viberBot } from '../src/simulators/viber/bot.ts';
import { whatsapp } from '../src/simulators/whatsapp/vendor.ts';
import { openLocalClient } from '../test/support/client.ts';

const vendors = { whatsapp, messenger, instagram, viber: viberBot };

const { channel, options } = JSON.parse(process.argv[2] ?? '{}') as {
  channel: keyof typeof vendors;
  options: Readonly<Record<string, string>>;
};
const vendor = vendors[channel];
const simulator = await openSimulator(vendor, {
  client: openLocalClient(),
  options,
  faults: Object.fromEntries(Object.keys(vendor.faults).map((name) => [name, 0])),
});
console.log(new URL(simulator.address).port);
