"""Ordinary use of Python's client: use.py <kubeconfig>. Prints `ok` or `FAIL` for each step."""

import datetime
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from multiprocessing import connection

from kubernetes import client, config, dynamic, utils, watch
from kubernetes.client.exceptions import ApiException
from kubernetes.leaderelection import electionconfig, leaderelection
from kubernetes.leaderelection.resourcelock.configmaplock import ConfigMapLock

NAMESPACE = "python-client"
GROUP = "python.example.com"
CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": f"pistons.{GROUP}"},
    "spec": {
        "group": GROUP,
        "scope": "Namespaced",
        "names": {"plural": "pistons", "singular": "piston", "kind": "Piston", "shortNames": ["pi"]},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {
                    "status": {},
                    "scale": {
                        "specReplicasPath": ".spec.replicas",
                        "statusReplicasPath": ".status.replicas",
                    },
                },
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "x-kubernetes-preserve-unknown-fields": True,
                                "properties": {"replicas": {"type": "integer"}},
                            },
                            "status": {
                                "type": "object",
                                "x-kubernetes-preserve-unknown-fields": True,
                            },
                        },
                    }
                },
            }
        ],
    },
}
KUBECONFIG = sys.argv[1]
failed = []


def step(run):
    try:
        run()
        print("ok", run.__name__, flush=True)
    except Exception as error:  # every step is to be tried
        failed.append(run.__name__)
        print("FAIL", run.__name__, type(error).__name__, str(error).replace("\n", " "), flush=True)


def expect(found, wanted):
    assert found == wanted, f"found {found!r}, wanted {wanted!r}"


def status_of(call, *arguments):
    try:
        call(*arguments)
        return 200
    except ApiException as error:
        return error.status


def object_of(name, **fields):
    return {
        "apiVersion": f"{GROUP}/v1",
        "kind": "Piston",
        "metadata": {"name": name, **fields},
        "spec": {"replicas": 1},
    }


def lead(name, leads):
    """A candidate; says when it leads and goes on until it is killed."""
    config.load_kube_config(KUBECONFIG)

    def started():
        leads.send(os.getpid())
        time.sleep(600)

    settings = electionconfig.Config(
        ConfigMapLock("leader", NAMESPACE, name),
        lease_duration=5,
        renew_deadline=4,
        retry_period=1,
        onstarted_leading=started,
        onstopped_leading=lambda: None,
    )
    leaderelection.LeaderElection(settings).run()


def main():
    config.load_kube_config(KUBECONFIG)
    api = client.ApiClient()
    core = client.CoreV1Api()
    custom = client.CustomObjectsApi()
    extensions = client.ApiextensionsV1Api()
    pistons = (GROUP, "v1", NAMESPACE, "pistons")

    @step
    def discovery():
        client.VersionApi().get_code()
        groups = [group.name for group in client.ApisApi().get_api_versions().groups]
        assert "apiextensions.k8s.io" in groups, groups
        expect(client.CoreApi().get_api_versions().versions, ["v1"])

    @step
    def namespace():
        core.create_namespace({"metadata": {"name": NAMESPACE}})
        expect(core.read_namespace_status(NAMESPACE).status.phase, "Active")

    @step
    def crud_and_patches():
        core.create_namespaced_config_map(
            NAMESPACE, {"metadata": {"name": "a", "labels": {"x": "1"}}, "data": {"k": "v"}}
        )
        core.patch_namespaced_config_map("a", NAMESPACE, {"data": {"k2": "v2"}})
        patch = [{"op": "replace", "path": "/data/k2", "value": "v3"}]
        core.patch_namespaced_config_map("a", NAMESPACE, patch)
        read = core.read_namespaced_config_map("a", NAMESPACE)
        expect(read.data, {"k": "v", "k2": "v3"})
        core.replace_namespaced_config_map("a", NAMESPACE, read)
        read.data["k"] = "w"
        core.replace_namespaced_config_map("a", NAMESPACE, read)
        expect(status_of(core.replace_namespaced_config_map, "a", NAMESPACE, read), 409)
        expect(status_of(core.read_namespaced_config_map, "none", NAMESPACE), 404)
        found = core.list_namespaced_config_map(NAMESPACE, label_selector="x in (1,2)").items
        expect([one.metadata.name for one in found], ["a"])

    @step
    def secret():
        core.create_namespaced_secret(
            NAMESPACE, {"metadata": {"name": "s"}, "stringData": {"p": "q"}}
        )
        expect(core.read_namespaced_secret("s", NAMESPACE).data, {"p": "cQ=="})

    @step
    def event():
        now = datetime.datetime.now(datetime.timezone.utc)
        about = client.V1ObjectReference(kind="ConfigMap", name="a", namespace=NAMESPACE)
        core.create_namespaced_event(
            NAMESPACE,
            client.CoreV1Event(
                metadata=client.V1ObjectMeta(generate_name="e-"),
                involved_object=about,
                reason="Why",
                type="Normal",
                first_timestamp=now,
                last_timestamp=now,
                count=1,
            ),
        )
        selector = "involvedObject.name=a,reason=Why"
        expect(len(core.list_namespaced_event(NAMESPACE, field_selector=selector).items), 1)

    @step
    def definition_until_established():
        utils.create_from_dict(api, CRD)
        stream = watch.Watch().stream(
            extensions.list_custom_resource_definition,
            field_selector=f"metadata.name={CRD['metadata']['name']}",
            timeout_seconds=20,
        )
        for one in stream:
            conditions = one["object"].status.conditions or []
            if any(c.type == "Established" and c.status == "True" for c in conditions):
                return
        raise AssertionError("it is not established")

    @step
    def custom_objects():
        custom.create_namespaced_custom_object(*pistons, object_of("x", finalizers=["py.io/f"]))
        custom.patch_namespaced_custom_object(*pistons, "x", {"spec": {"y": 1}})
        status = {"status": {"replicas": 1}}
        custom.patch_namespaced_custom_object_status(*pistons, "x", status)
        scale = {"spec": {"replicas": 4}}
        custom.patch_namespaced_custom_object_scale(*pistons, "x", scale)
        expect(
            custom.get_namespaced_custom_object(*pistons, "x")["spec"], {"replicas": 4, "y": 1}
        )
        custom.delete_namespaced_custom_object(*pistons, "x", propagation_policy="Foreground")
        left = custom.get_namespaced_custom_object(*pistons, "x")
        assert left["metadata"]["deletionTimestamp"], left
        custom.patch_namespaced_custom_object(*pistons, "x", {"metadata": {"finalizers": None}})
        expect(status_of(custom.get_namespaced_custom_object, *pistons, "x"), 404)

    @step
    def dynamic_client():
        resource = dynamic.DynamicClient(api).resources.get(api_version=f"{GROUP}/v1", kind="Piston")
        resource.create(body=object_of("d"), namespace=NAMESPACE)
        merge = {"content_type": "application/merge-patch+json"}
        resource.patch(body={"spec": {"z": 2}}, name="d", namespace=NAMESPACE, **merge)
        resource.status.patch(body={"status": {"k": 1}}, name="d", namespace=NAMESPACE, **merge)
        expect(resource.get(name="d", namespace=NAMESPACE).spec.z, 2)
        seen = [one["type"] for one in resource.watch(namespace=NAMESPACE, timeout=1)]
        expect(seen, ["ADDED"])
        resource.delete(name="d", namespace=NAMESPACE, body={})

    @step
    def watch_from_a_version():
        version = core.list_namespaced_config_map(NAMESPACE).metadata.resource_version
        core.create_namespaced_config_map(NAMESPACE, {"metadata": {"name": "w"}})
        core.delete_namespaced_config_map("w", NAMESPACE)
        stream = watch.Watch().stream(
            core.list_namespaced_config_map,
            NAMESPACE,
            resource_version=version,
            timeout_seconds=1,
            allow_watch_bookmarks=True,
        )
        expect([one["type"] for one in stream], ["ADDED", "DELETED", "BOOKMARK"])

    @step
    def create_from_yaml():
        text = f"""
apiVersion: v1
kind: ConfigMap
metadata: {{name: yaml, namespace: {NAMESPACE}}}
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Secret
  metadata: {{name: yaml, namespace: {NAMESPACE}}}
"""
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write(text)
            file.flush()
            utils.create_from_yaml(api, file.name)
        core.read_namespaced_secret("yaml", NAMESPACE)

    @step
    def two_candidates_one_killed():
        # A pipe each: what several share could be left locked by the one that is killed.
        pipes = [multiprocessing.Pipe(duplex=False) for _ in range(2)]
        candidates = [
            multiprocessing.Process(target=lead, args=(f"candidate-{i}", sender))
            for i, (_, sender) in enumerate(pipes)
        ]
        for candidate in candidates:
            candidate.start()
        try:
            receivers = [receiver for receiver, _ in pipes]
            led = connection.wait(receivers, timeout=20)
            expect(len(led), 1)
            os.kill(led[0].recv(), signal.SIGKILL)
            others = [one for one in receivers if one is not led[0]]
            expect(connection.wait(others, timeout=20), others)
        finally:
            for candidate in candidates:
                candidate.kill()

    @step
    def all_goes():
        core.delete_collection_namespaced_config_map(NAMESPACE, label_selector="x=1")
        expect(status_of(core.read_namespaced_config_map, "a", NAMESPACE), 404)
        extensions.delete_custom_resource_definition(CRD["metadata"]["name"])
        core.delete_namespace(NAMESPACE)
        until = time.monotonic() + 20
        while status_of(core.read_namespace, NAMESPACE) != 404:
            assert time.monotonic() < until, core.read_namespace(NAMESPACE).status
            time.sleep(0.1)


if __name__ == "__main__":
    main()
    sys.exit(1 if failed else 0)
