import { runReconcilers } from 'threeport/sdk';
import { websiteReconciler } from './website-reconciler.js';

runReconcilers({ name: 'website', reconcilers: [websiteReconciler] });
