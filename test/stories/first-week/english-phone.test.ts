import { phone } from '../../browser/chromium.ts';
import { playFirstWeek } from './week.ts';

playFirstWeek({ language: 'en', viewport: phone });
