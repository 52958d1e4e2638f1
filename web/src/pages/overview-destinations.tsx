import { Link } from '@tanstack/react-router';
import { Button, Card } from 'antd';
import { useState } from 'react';
import type { DestinationFigures as Figures } from '../api/model.ts';
import { useTexts } from '../i18n/language.tsx';
import { formatShare, useMillis } from '../ui/figures.ts';
import { DestinationStateTag } from '../ui/labels.tsx';

/** So many are shown at once: with some hundred there would be no end of the page. */
const shownAtOnce = 10;

/** How each callback URL took what was pushed to it in the last hour, the worst first, and of each channel where there are several. */
export function DestinationFigures({ destinations }: { destinations: readonly Figures[] }) {
  const t = useTexts();
  const [areAllShown, setAllShown] = useState(false);
  const shown = areAllShown ? destinations : destinations.slice(0, shownAtOnce);
  return (
    <Card title={t('figures.title')}>
      {destinations.length === 0 ? (
        <p>{t('figures.none')}</p>
      ) : (
        <div className="scroller" tabIndex={0} role="group" aria-label={t('figures.title')}>
          <table className="plain-table wide-table">
            <thead>
              <tr>
                {(
                  [
                    'destination.title',
                    'field.state',
                    'figures.share',
                    'figures.tries',
                    'figures.p50',
                    'figures.p95',
                  ] as const
                ).map((title, at) => (
                  <th key={title} scope="col" className={at > 1 ? 'figure' : undefined}>
                    {t(title)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <DestinationRows key={one.destinationId} of={one} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {destinations.length > shown.length && (
        <Button
          type="link"
          size="small"
          onClick={() => {
            setAllShown(true);
          }}
        >
          {t('attention.more', { count: destinations.length - shown.length })}
        </Button>
      )}
    </Card>
  );
}

/** A callback URL, and below it each channel where there are several. */
function DestinationRows({ of }: { of: Figures }) {
  const t = useTexts();
  return (
    <>
      <tr className="plain-row">
        <td data-label={t('destination.title')}>
          <Link
            to="/destinations/$destinationId"
            params={{ destinationId: String(of.destinationId) }}
            className="url"
          >
            {of.name === '' ? of.url : of.name}
          </Link>
        </td>
        <td data-label={t('field.state')}>
          <DestinationStateTag state={of.state} />
        </td>
        <FigureCells figures={of} />
      </tr>
      {of.channels.length > 1 &&
        of.channels.map((channel) => (
          <tr key={channel.channelId ?? ''} className="plain-row faint">
            <td data-label={t('channel.title')} className="of-channel">
              {channel.channelId ?? t('figures.several')}
            </td>
            <td />
            <FigureCells figures={channel} />
          </tr>
        ))}
    </>
  );
}

function FigureCells({ figures }: { figures: Pick<Figures, 'tries' | 'accepted' | 'p50Ms' | 'p95Ms'> }) {
  const t = useTexts();
  const toText = useMillis();
  const { tries, accepted, p50Ms, p95Ms } = figures;
  return (
    <>
      <td data-label={t('figures.share')} className={accepted < tries ? 'figure bad' : 'figure'}>
        {formatShare(accepted, tries)}
      </td>
      <td data-label={t('figures.tries')} className="figure">
        {tries.toLocaleString()}
      </td>
      <td data-label={t('figures.p50')} className="figure">
        {toText(p50Ms)}
      </td>
      <td data-label={t('figures.p95')} className="figure">
        {toText(p95Ms)}
      </td>
    </>
  );
}
