import { DownloadOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Button, Card, Empty, Input, Tag } from 'antd';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { useFilters } from '../../ui/filter.tsx';
import { useMedia } from '../../ui/media.ts';
import { Page } from '../../ui/page.tsx';
import { Answered } from '../../ui/problem.tsx';
import { referenceQuery, search } from './document.ts';
import type { Operation, Reference } from './document.ts';
import { OperationView } from './operation.tsx';

const colours: Readonly<Record<string, string>> = {
  GET: 'blue',
  POST: 'green',
  PUT: 'gold',
  PATCH: 'gold',
  DELETE: 'red',
};

/** Every operation of the API: searched on the left, one in full on the right; on a phone one after the other. */
export function ApiReference() {
  const t = usePageTexts();
  const isWide = useMedia('(min-width: 1200px)');
  const { operationId } = useParams({ strict: false });
  const reference = useQuery(referenceQuery);
  const isList = operationId === undefined;
  return (
    <Page
      title={t('api.title')}
      crumbs={isList ? [] : [{ text: t('api.all'), to: '/api' }]}
      hint={isList ? t('api.hint') : undefined}
      actions={isList && <Downloads />}
    >
      <Answered of={reference} rows={14}>
        {(told) => (
          <div className={isWide ? 'reference' : 'stack'}>
            {(isWide || isList) && <OperationList reference={told} open={operationId} />}
            {(isWide || !isList) && <Chosen reference={told} id={operationId} />}
          </div>
        )}
      </Answered>
    </Page>
  );
}

function Downloads() {
  const t = usePageTexts();
  return (
    <>
      <Button icon={<DownloadOutlined />} href="/api/v1/openapi.json" download="chasqui-openapi.json">
        OpenAPI
      </Button>
      <Button icon={<DownloadOutlined />} href="/api/v1/postman.json" download="chasqui-postman.json">
        {t('api.postman')}
      </Button>
    </>
  );
}

function OperationList({ reference, open }: { reference: Reference; open: string | undefined }) {
  const t = usePageTexts();
  const { filters, setFilter } = useFilters();
  const found = search(reference.operations, filters['q'] ?? '');
  const tags = [...new Set(found.map(({ tag }) => tag))];
  return (
    <nav aria-label={t('api.operations')} className="reference-list">
      <Input
        allowClear
        type="search"
        aria-label={t('api.search')}
        placeholder={t('api.search')}
        value={filters['q'] ?? ''}
        onChange={(event) => {
          setFilter('q', event.target.value);
        }}
      />
      <p role="status" className="faint">
        {t('api.count', { count: found.length })}
      </p>
      {found.length === 0 && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t('api.none')} />}
      <div lang="en" className="reference-tags" tabIndex={0} role="group" aria-label={t('api.operations')}>
        {tags.map((tag) => (
          <section key={tag}>
            <h2 className="small-head">{tag}</h2>
            <ul className="plain">
              {found
                .filter((operation) => operation.tag === tag)
                .map((operation) => (
                  <li key={operation.id}>
                    <OperationLink operation={operation} isOpen={operation.id === open} />
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </div>
    </nav>
  );
}

function OperationLink({ operation, isOpen }: { operation: Operation; isOpen: boolean }) {
  const { id, method, path, summary } = operation;
  return (
    <Link
      to="/api/$operationId"
      params={{ operationId: id }}
      search={true}
      aria-current={isOpen ? 'page' : undefined}
      className={isOpen ? 'reference-link reference-open' : 'reference-link'}
    >
      <span className="reference-way">
        <MethodTag method={method} />
        <code>{path.replace('/api/v1', '')}</code>
      </span>
      <span className="reference-summary">{summary}</span>
    </Link>
  );
}

export function MethodTag({ method }: { method: string }) {
  return <Tag color={colours[method] ?? 'default'}>{method}</Tag>;
}

/** The operation that is open, or how to begin while none is. */
function Chosen({ reference, id }: { reference: Reference; id: string | undefined }) {
  const t = usePageTexts();
  const operation = reference.operations.find((one) => one.id === id);
  if (id === undefined) return <Card>{t('api.choose')}</Card>;
  if (operation === undefined) return <Empty description={t('api.none')} />;
  return <OperationView key={id} reference={reference} operation={operation} />;
}
