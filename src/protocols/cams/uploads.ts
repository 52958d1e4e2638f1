// Files of the business: where they are uploaded to, and how others read them (docs/protocols/cams.md).
import { CamsError } from './errors.ts';
import { requireChannel } from './operation.ts';
import type { Answer, Call, OperationDeps } from './operation.ts';

/** A temporary key for the form post to `<EndPoint>/<BucketName>`; keys of files begin with `Dir` and a slash. */
export async function getUploadAuthorization(deps: OperationDeps, call: Call): Promise<Answer> {
  const channel = await requireChannel(deps, call);
  // Whoever uploads shows what is made here, and no access key: this is where the limit of that holds.
  await deps.fileQuota.requireRoom(call.requester);
  const made = deps.uploads.authorize(call.accountId, channel.id);
  return {
    Data: {
      AccessKeyId: made.keyId,
      AccessKeySecret: made.keySecret,
      SecurityToken: made.securityToken,
      BucketName: made.bucket,
      Dir: made.folder,
      EndPoint: made.endpoint,
      Expire: made.lifeSeconds,
    },
  };
}

/** A link that whoever has it may read an uploaded file by, for as long as media links are good. */
export async function generatePresignedUrl({ uploads }: OperationDeps, call: Call): Promise<Answer> {
  const { accountId, parameters } = call;
  const path = parameters.required('FilePath');
  const key = uploads.toKey(accountId, path);
  if (key === undefined || !(await uploads.has(accountId, key)))
    throw CamsError.gateway(
      'InvalidParameter',
      'FilePath names no file that this account has uploaded. Give its key, or the Location of its upload.',
    );
  return { Success: true, Data: { Url: uploads.sign(accountId, key) } };
}
