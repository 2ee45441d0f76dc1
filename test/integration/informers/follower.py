"""Keeps the ConfigMaps of a namespace as an informer does, by list and watch.

Arguments: a kubeconfig file, the namespace, the name of the object that comes last. Once that is
there, prints what it has: one JSON object, {"state": {name: [resourceVersion, data]}, ...}.
"""

import json
import sys
import time

import urllib3
from kubernetes import client, config, watch

RETRY_SECONDS = 0.1


def main():
    kubeconfig, namespace, last = sys.argv[1:]
    config.load_kube_config(kubeconfig)
    read = client.CoreV1Api().list_namespaced_config_map
    state = {}
    version = None
    counts = {"lists": 0, "watches": 0, "events": 0}
    while last not in state:
        try:
            if version is None:
                state, version = list_all(read, namespace)
                counts["lists"] += 1
                continue
            counts["watches"] += 1
            stream = watch.Watch().stream(
                read,
                namespace,
                resource_version=version,
                allow_watch_bookmarks=True,
                timeout_seconds=10,
            )
            for event in stream:
                counts["events"] += 1
                version = apply(state, event)
                if last in state:
                    break
        except client.exceptions.ApiException as error:
            if error.status == 410:
                version = None
            time.sleep(RETRY_SECONDS)
        except (urllib3.exceptions.HTTPError, OSError):
            time.sleep(RETRY_SECONDS)
    print(json.dumps({"state": state, **counts}))


def list_all(read, namespace):
    state = {}
    token = None
    while True:
        page = read(namespace, limit=100, _continue=token)
        for item in page.items:
            state[item.metadata.name] = [item.metadata.resource_version, item.data]
        token = page.metadata._continue
        if not token:
            return state, page.metadata.resource_version


def apply(state, event):
    """Applies an event; returns the version that it brings the state to."""
    if event["type"] == "BOOKMARK":
        return event["raw_object"]["metadata"]["resourceVersion"]
    metadata = event["object"].metadata
    if event["type"] == "DELETED":
        state.pop(metadata.name, None)
    else:
        state[metadata.name] = [metadata.resource_version, event["object"].data]
    return metadata.resource_version


main()
