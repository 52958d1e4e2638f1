// Why a rule of channels refuses what is asked, so that each protocol can tell it by its own names of members and operations.
import type { Sender } from '../../domain/channel.ts';
import { FieldError, GatewayError } from '../../domain/errors.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import { faultOf, toFaultText } from '../../domain/faults.ts';
import type { FaultCode, ValueFault } from '../../domain/faults.ts';

/** One member will not do. `text` says why, to stand behind whatever the member is called. */
export class MemberRefusal extends FieldError {
  readonly text: string;

  constructor(code: ErrorCode, member: string, text: string, fault: ValueFault | null = null) {
    super(code, member, `${member}: ${text}`, fault);
    this.text = text;
  }
}

/** Receipts were to be pushed over HTTP, and none of these members has a callback URL. */
export class NowhereRefusal extends FieldError {
  readonly members: readonly string[];

  constructor(members: readonly [string, ...string[]]) {
    const text = `http is on, but there is no ${members.join(' and no ')}.`;
    super('bad_callback_url', members[0], text, faultOf('url_nowhere'));
    this.members = members;
  }
}

/** The settings of a number that its channel says is not verified stay closed. */
export class UnverifiedRefusal extends GatewayError {
  readonly senderId: string;

  constructor({ id }: Pick<Sender, 'id'>) {
    super(
      'not_verified',
      `WhatsApp has not verified ${id}. Verify it there, then check the channel; its settings open once it is verified.`,
    );
    this.senderId = id;
  }
}

/** A sender of this server is called so at the channel already; one name cannot lead to two. */
export class TakenRefusal extends GatewayError {
  constructor(text: string) {
    super('conflict', text);
  }
}

/** The refusal of a member by the code of what is wrong with it. */
export function refusal(
  code: ErrorCode,
  member: string,
  fault: FaultCode,
  params: ValueFault['params'] = {},
): MemberRefusal {
  const why = faultOf(fault, params);
  return new MemberRefusal(code, member, toFaultText(why), why);
}
