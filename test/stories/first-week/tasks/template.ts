import type { Person } from '../person.ts';

/** A template is written, reviewed by the vendor, and a test of it sent to a number. */
export async function haveATemplateApproved(person: Person): Promise<void> {
  await person.goTo('nav.templates');
  await person.press('template.create');
  await person.arrivesAt('template.create');
  await person.choose('channel.title', { said: 'whatsapp' });
  await person.write('field.name', 'order_ready');
  await person.write('template.language', 'en');
  await person.choose('template.category', { said: 'UTILITY' });
  await person.write('template.body', 'Hello $(name), your order is ready.');
  await person.writeInto('$(name)', 'Ana');
  await person.looksOver('5-new-template');
  await person.press('template.submit');

  await person.isTold('template.created');
  await person.sees('template.status.pass');
  await person.looksOver('5-approved');

  await person.press('template.test');
  const test = person.dialog('template.test');
  await test.write('template.test.to', '15550003333');
  await person.looksOver('5-test');
  await test.press('action.send');
  await person.dialog('template.test.ask', { to: '15550003333' }).press('action.send');
  await test.sees('template.test.sent');
  await test.followTheLink();
  await person.sees('message.status.read');
  await person.looksOver('5-message');
}
