import { countries, growth, overview } from '../../core/figures.ts';
import { type Context, type Handler, readPath } from '../call.ts';

/** The handlers of the operations on figures. */
export function figureRoutes({ store, version }: Context) {
  const show = (data: unknown) => ({ status: 200, json: JSON.stringify({ data }) });
  const grown: Handler = async (call) => show(await growth(store, readPath(call), call.query.days));
  const fromWhere: Handler = async (call) => show(await countries(store, readPath(call)));
  const atAGlance: Handler = async ({ key }) => show(await overview(store, key.account_id, version));
  return { getGrowth: grown, getCountries: fromWhere, getOverview: atAGlance };
}
