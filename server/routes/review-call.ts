import type { ReviewOptions } from '../auth/reviews.js';
import { answerReview } from '../auth/reviews.js';
import type { ResourceService } from '../resource-service.js';
import type { WriteOptions } from '../resource/write-request.js';
import { mapValuesAt } from '../schema/field-path.js';
import type { ResourceCall } from './resource-route.js';
import { sendJson, setWarnings } from './response.js';

/**
 * Answers a create of a review kind: the object as it was asked, with the status that says the
 * answer. What is sensitive in the question does not come back.
 *
 * @throws ApiError for a question that makes no sense.
 */
export async function answerReviewCall(
  service: Pick<ResourceService, 'checked'>,
  reviews: ReviewOptions,
  { target, response, user }: Pick<ResourceCall, 'target' | 'response' | 'user'>,
  body: unknown,
  options: WriteOptions,
): Promise<void> {
  const { kind, namespace } = target;
  const { object, warnings } = service.checked(target, body, options);
  const spec = (object.spec ?? {}) as Record<string, unknown>;
  const status = await answerReview(reviews, { kind, namespace, spec, user });
  for (const path of kind.sensitive) mapValuesAt(object, path.split('.'), () => undefined);
  setWarnings(response, warnings);
  sendJson(response, 201, JSON.stringify({ ...object, status }));
}
