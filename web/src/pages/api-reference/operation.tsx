import { Card, Collapse, Tag } from 'antd';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { CodeBlock, CopyButton } from '../../ui/copy.tsx';
import { toCurl, toMembers, toType } from './document.ts';
import type { Member, Operation, Reference, Schema } from './document.ts';
import { MethodTag } from './reference.tsx';

/** One operation in full: who may call it, what it takes, what it answers, and a call to copy. */
export function OperationView({ reference, operation }: { reference: Reference; operation: Operation }) {
  const t = usePageTexts();
  const { method, path, summary, description, parameters, body, answers } = operation;
  const good = answers.filter(({ status }) => status < 400);
  return (
    <article className="stack reference-one" aria-label={summary}>
      <Card>
        <h2 lang="en" className="section-head">
          {summary}
        </h2>
        <p className="reference-way">
          <MethodTag method={method} />
          <code>{path}</code>
          <CopyButton text={path} what={t('api.path')} />
        </p>
        <p lang="en" className="reference-text">
          {description.replaceAll('`', '')}
        </p>
        <Callers operation={operation} />
      </Card>
      <Card title={t('api.call')}>
        <CodeBlock text={toCurl(reference.server, operation)} what={t('api.call')} />
      </Card>
      {parameters.length > 0 && <Parameters reference={reference} operation={operation} />}
      {body !== null && (
        <Card title={t('api.body')}>
          <ContentView
            reference={reference}
            what={t('api.body')}
            schema={body.schema}
            example={body.example}
          />
        </Card>
      )}
      {good.map(({ status, content }) => (
        <Card key={status} title={t('api.answer', { status })}>
          {content === null ? (
            t('api.nothing')
          ) : (
            <ContentView
              reference={reference}
              what={t('api.answer', { status })}
              schema={content.schema}
              example={content.example}
            />
          )}
        </Card>
      ))}
      <Problems operation={operation} />
    </article>
  );
}

function Parameters({
  reference: { schemas },
  operation: { parameters },
}: {
  reference: Reference;
  operation: Operation;
}) {
  const t = usePageTexts();
  return (
    <Card title={t('api.parameters')}>
      <MemberTable
        label={t('api.parameters')}
        members={parameters.map(({ name, in: place, required = false, description = '', schema }) => ({
          name: place === 'path' ? `{${name}}` : place === 'query' ? `?${name}=` : name,
          type: toType(schemas, schema),
          isNeeded: required,
          description,
        }))}
      />
    </Card>
  );
}

function Problems({ operation: { answers } }: { operation: Operation }) {
  const t = usePageTexts();
  const bad = answers.filter(({ status }) => status >= 400);
  return (
    <Card title={t('api.problems')}>
      <dl lang="en" className="ways reference-problems">
        {bad.map(({ status, description: text }) => (
          <div key={status}>
            <dt>{status}</dt>
            <dd>{text.replaceAll('`', '')}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function Callers({ operation: { role, keyRoles } }: { operation: Operation }) {
  const t = usePageTexts();
  if (role === null) return <p>{t('api.open')}</p>;
  return (
    <p className="row">
      <span>{t('api.callers')}</span>
      <Tag>{t(`role.${role === 'owner' || role === 'operator' ? role : 'viewer'}`)}</Tag>
      {keyRoles.map((key) => (
        <Tag key={key}>{t('api.key', { role: key })}</Tag>
      ))}
    </p>
  );
}

/** An example, and below it what each member is. */
function ContentView({
  reference,
  what,
  schema,
  example,
}: {
  reference: Reference;
  what: string;
  schema: Schema | undefined;
  example: unknown;
}) {
  const t = usePageTexts();
  const members = toMembers(reference.schemas, schema);
  return (
    <div className="stack">
      {example !== undefined && (
        <CodeBlock
          text={typeof example === 'string' ? example : JSON.stringify(example, null, 2)}
          what={`${what}: ${t('api.example')}`}
        />
      )}
      {members.length > 0 && (
        <Collapse
          items={[
            {
              key: 'members',
              label: t('api.members', { count: members.length }),
              children: <MemberTable label={what} members={members} />,
            },
          ]}
        />
      )}
    </div>
  );
}

function MemberTable({ label, members }: { label: string; members: readonly Member[] }) {
  const t = usePageTexts();
  return (
    <dl className="members" aria-label={label}>
      {members.map(({ name, type, isNeeded, description }) => (
        <div key={name} className="member">
          <dt>
            <code>{name}</code> {isNeeded && <Tag>{t('api.needed')}</Tag>}
          </dt>
          <dd>
            <code className="faint">{type.length > 300 ? `${type.slice(0, 300)} …` : type}</code>
            {description !== '' && <div lang="en">{description.replaceAll('`', '')}</div>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
