import type { Person } from '../person.ts';
import { users } from '../town.ts';

/** A user wants to be forgotten: what was written is erased, and what is left is told. */
export async function eraseAUser(person: Person): Promise<void> {
  await person.goTo('nav.messages');
  await person.tick('message.direction.mo');
  await person.row(users.whatsapp).sees({ said: 'I want my money back' });
  await person.press('erase.open');
  const erasing = person.dialog('erase.title');
  await erasing.write('erase.user', `+${users.whatsapp}`);
  await erasing.press('erase.count');
  await erasing.sees('erase.found.text');
  await person.looksOver('6-counted');
  await erasing.press('erase.do');
  const left = erasing.within('region', 'erase.left');
  await left.sees('erase.left.facts');
  await left.sees('erase.left.given');
  await left.sees('erase.left.backups');
  await person.looksOver('6-erased');
  await erasing.press('action.close');

  await person.seesNoMore({ said: 'I want my money back' });
  // That somebody wrote is still known, and what others wrote is left alone.
  await person.sees({ said: users.whatsapp });
  await person.sees({ said: 'Hello over viber-business' });
  await person.looksOver('6-messages');
}
