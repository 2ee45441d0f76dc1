// Ordinary use of client-go: main <kubeconfig>. Prints `ok` or `FAIL` for each step.
//
// With a namespace and the name of the object that comes last, main <kubeconfig> <namespace> <last>, it
// keeps the ConfigMaps of the namespace by an informer instead. Once that object is there, it prints
// what it has: one JSON object, {"state": {name: [resourceVersion, data]}, "events": number}.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	authv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	applycore "k8s.io/client-go/applyconfigurations/core/v1"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcore "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
	"k8s.io/client-go/scale"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/pager"
	"k8s.io/client-go/tools/record"
	watchtools "k8s.io/client-go/tools/watch"
	"k8s.io/client-go/util/retry"
)

var ctx = context.Background()
var failed atomic.Int32

func step(name string, f func() (any, error)) {
	began := time.Now()
	done := make(chan struct{})
	var got any
	var err error
	go func() {
		defer close(done)
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("panic: %v", r)
			}
		}()
		got, err = f()
	}()
	select {
	case <-done:
	case <-time.After(60 * time.Second):
		err = errors.New("hangs")
	}
	if err != nil {
		failed.Add(1)
		fmt.Printf("FAIL %s: %v (%v)\n", name, err, time.Since(began).Round(time.Millisecond))
		return
	}
	fmt.Printf("ok   %s %v (%v)\n", name, got, time.Since(began).Round(time.Millisecond))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func main() {
	config := must(clientcmd.BuildConfigFromFlags("", os.Args[1]))
	config.QPS, config.Burst = 500, 500
	config.UserAgent = "client-go-test"
	clients := kubernetes.NewForConfigOrDie(config)
	if len(os.Args) > 3 {
		follow(clients, os.Args[2], os.Args[3])
		return
	}
	protoConfig := rest.CopyConfig(config)
	protoConfig.ContentType = "application/vnd.kubernetes.protobuf"
	protoConfig.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	proto := kubernetes.NewForConfigOrDie(protoConfig)
	cborConfig := rest.CopyConfig(config)
	cborConfig.ContentType = "application/cbor"
	cborConfig.AcceptContentTypes = "application/cbor,application/json"
	dyn := dynamic.NewForConfigOrDie(config)
	md := metadata.NewForConfigOrDie(config)
	ns := fmt.Sprintf("go-%d", time.Now().Unix()%100000)
	group := ns + ".example.com"

	step("version", func() (any, error) { return clients.Discovery().ServerVersion() })
	step("namespace", func() (any, error) {
		_, err := clients.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}}, metav1.CreateOptions{})
		return ns, err
	})
	maps := clients.CoreV1().ConfigMaps(ns)
	step("crud", func() (any, error) {
		m := must(maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Data: map[string]string{"k": "v"}}, metav1.CreateOptions{}))
		m.Data["k"] = "w"
		must(maps.Update(ctx, m, metav1.UpdateOptions{}))
		if _, err := maps.Update(ctx, m, metav1.UpdateOptions{}); !apierrors.IsConflict(err) {
			return nil, fmt.Errorf("not a conflict: %v", err)
		}
		if _, err := maps.Get(ctx, "none", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			return nil, fmt.Errorf("not found: %v", err)
		}
		if _, err := maps.Create(ctx, m.DeepCopy(), metav1.CreateOptions{}); err == nil {
			return nil, errors.New("create with resourceVersion")
		}
		must(maps.Patch(ctx, "a", types.StrategicMergePatchType, []byte(`{"data":{"s":"1"}}`), metav1.PatchOptions{}))
		must(maps.Patch(ctx, "a", types.MergePatchType, []byte(`{"data":{"s":null}}`), metav1.PatchOptions{}))
		must(maps.Patch(ctx, "a", types.JSONPatchType, []byte(`[{"op":"add","path":"/data/j","value":"1"}]`), metav1.PatchOptions{DryRun: []string{"All"}}))
		g := must(maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{GenerateName: "gen-"}}, metav1.CreateOptions{FieldValidation: "Strict"}))
		uid := g.UID
		return nil, maps.Delete(ctx, g.Name, metav1.DeleteOptions{Preconditions: &metav1.Preconditions{UID: &uid}})
	})
	step("protobuf crud", func() (any, error) {
		p := proto.CoreV1().ConfigMaps(ns)
		m := must(p.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "p"}, BinaryData: map[string][]byte{"b": {0, 1}}}, metav1.CreateOptions{}))
		m.Data = map[string]string{"x": "y"}
		must(p.Update(ctx, m, metav1.UpdateOptions{}))
		must(p.Patch(ctx, "p", types.MergePatchType, []byte(`{"data":{"s":"1"}}`), metav1.PatchOptions{}))
		must(p.List(ctx, metav1.ListOptions{}))
		policy := metav1.DeletePropagationBackground
		must(0, p.Delete(ctx, "p", metav1.DeleteOptions{PropagationPolicy: &policy}))
		return nil, p.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{LabelSelector: "no=ne"})
	})
	step("typed server-side apply", func() (any, error) {
		m := must(maps.Apply(ctx, applycore.ConfigMap("applied", ns).WithData(map[string]string{"a": "1"}), metav1.ApplyOptions{FieldManager: "go"}))
		_, err := maps.Apply(ctx, applycore.ConfigMap("applied", ns).WithData(map[string]string{"a": "2"}), metav1.ApplyOptions{FieldManager: "other"})
		if !apierrors.IsConflict(err) {
			return nil, fmt.Errorf("no conflict: %v", err)
		}
		own := must(applycore.ExtractConfigMap(m, "go"))
		return own.Data, nil
	})
	step("discovery", func() (any, error) {
		groups, lists, err := clients.Discovery().ServerGroupsAndResources()
		if err != nil {
			return nil, err
		}
		must(clients.Discovery().ServerPreferredResources())
		must(clients.Discovery().OpenAPISchema())
		paths := must(clients.Discovery().OpenAPIV3().Paths())
		must(paths["api/v1"].Schema("application/json"))
		must(paths["api/v1"].Schema("application/com.github.proto-openapi.spec.v3@v1.0+protobuf"))
		legacy := discovery.NewDiscoveryClientForConfigOrDie(config)
		legacy.UseLegacyDiscovery = true
		must(legacy.ServerPreferredNamespacedResources())
		return fmt.Sprint(len(groups), " groups ", len(lists), " lists"), nil
	})
	crds := schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	gvr := schema.GroupVersionResource{Group: group, Version: "v1", Resource: "cogs"}
	step("crd", func() (any, error) {
		var crd unstructured.Unstructured
		must(0, json.Unmarshal([]byte(fmt.Sprintf(`{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"cogs.%s"},"spec":{"group":"%s","scope":"Namespaced","names":{"plural":"cogs","singular":"cog","kind":"Cog"},"versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{},"scale":{"specReplicasPath":".spec.replicas","statusReplicasPath":".status.replicas","labelSelectorPath":".status.selector"}},"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","properties":{"replicas":{"type":"integer"}}},"status":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}}]}}`, group, group)), &crd.Object))
		must(dyn.Resource(crds).Create(ctx, &crd, metav1.CreateOptions{}))
		lw := &cache.ListWatch{
			ListFunc: func(o metav1.ListOptions) (runtime.Object, error) {
				o.FieldSelector = fields.OneTermEqualSelector("metadata.name", crd.GetName()).String()
				return dyn.Resource(crds).List(ctx, o)
			},
			WatchFunc: func(o metav1.ListOptions) (watch.Interface, error) {
				o.FieldSelector = fields.OneTermEqualSelector("metadata.name", crd.GetName()).String()
				return dyn.Resource(crds).Watch(ctx, o)
			},
		}
		wctx, cancel := context.WithTimeout(ctx, 20*time.Second)
		defer cancel()
		_, err := watchtools.UntilWithSync(wctx, lw, &unstructured.Unstructured{}, nil, func(e watch.Event) (bool, error) {
			conditions, _, _ := unstructured.NestedSlice(e.Object.(*unstructured.Unstructured).Object, "status", "conditions")
			for _, c := range conditions {
				if m := c.(map[string]any); m["type"] == "Established" && m["status"] == "True" {
					return true, nil
				}
			}
			return false, nil
		})
		return nil, err
	})
	mapper := restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(clients.Discovery()))
	step("RESTMapper", func() (any, error) {
		m := must(mapper.RESTMapping(schema.GroupKind{Group: group, Kind: "Cog"}))
		if m.Scope.Name() != meta.RESTScopeNameNamespace {
			return nil, errors.New("scope")
		}
		short := restmapper.NewShortcutExpander(mapper, clients.Discovery(), nil)
		return must(short.KindFor(schema.GroupVersionResource{Resource: "wl"})), nil
	})
	cogs := dyn.Resource(gvr).Namespace(ns)
	cog := func(name string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{"apiVersion": group + "/v1", "kind": "Cog", "metadata": map[string]any{"name": name}, "spec": map[string]any{"replicas": int64(1)}}}
	}
	step("dynamic, status, scale", func() (any, error) {
		must(cogs.Create(ctx, cog("c"), metav1.CreateOptions{}))
		must(cogs.Apply(ctx, "c", cog("c"), metav1.ApplyOptions{FieldManager: "dyn", Force: true}))
		st := cog("c")
		delete(st.Object, "spec")
		st.Object["status"] = map[string]any{"replicas": int64(1), "selector": "a=b"}
		must(cogs.ApplyStatus(ctx, "c", st, metav1.ApplyOptions{FieldManager: "status"}))
		got := must(cogs.Get(ctx, "c", metav1.GetOptions{}))
		unstructured.SetNestedField(got.Object, int64(2), "status", "replicas")
		must(cogs.UpdateStatus(ctx, got, metav1.UpdateOptions{}))
		scales, err := scale.NewForConfig(config, mapper, dynamic.LegacyAPIPathResolverFunc, scale.NewDiscoveryScaleKindResolver(clients.Discovery()))
		if err != nil {
			return nil, err
		}
		s := must(scales.Scales(ns).Get(ctx, gvr.GroupResource(), "c", metav1.GetOptions{}))
		s.Spec.Replicas = 7
		must(scales.Scales(ns).Update(ctx, gvr.GroupResource(), s, metav1.UpdateOptions{}))
		s = must(scales.Scales(ns).Patch(ctx, gvr, "c", types.MergePatchType, []byte(`{"spec":{"replicas":9}}`), metav1.PatchOptions{}))
		return s.Spec.Replicas, nil
	})
	step("cbor dynamic", func() (any, error) {
		c := dynamic.NewForConfigOrDie(cborConfig).Resource(gvr).Namespace(ns)
		must(c.List(ctx, metav1.ListOptions{}))
		return nil, nil
	})
	step("retry on conflict, 20 writers", func() (any, error) {
		var group sync.WaitGroup
		errs := make(chan error, 20)
		for i := 0; i < 20; i++ {
			group.Add(1)
			go func() {
				defer group.Done()
				backoff := wait.Backoff{Steps: 100, Duration: 5 * time.Millisecond, Factor: 1, Jitter: 1}
				errs <- retry.RetryOnConflict(backoff, func() error {
					m, err := maps.Get(ctx, "a", metav1.GetOptions{})
					if err != nil {
						return err
					}
					var n int
					fmt.Sscan(m.Data["n"], &n)
					m.Data["n"] = fmt.Sprint(n + 1)
					_, err = maps.Update(ctx, m, metav1.UpdateOptions{})
					return err
				})
			}()
		}
		group.Wait()
		for i := 0; i < 20; i++ {
			if err := <-errs; err != nil {
				return nil, err
			}
		}
		m := must(maps.Get(ctx, "a", metav1.GetOptions{}))
		if m.Data["n"] != "20" {
			return nil, errors.New("lost updates: " + m.Data["n"])
		}
		return nil, nil
	})
	step("pages", func() (any, error) {
		for i := 0; i < 25; i++ {
			must(maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("page-%02d", i), Labels: map[string]string{"page": "1"}}}, metav1.CreateOptions{}))
		}
		p := pager.New(pager.SimplePageFunc(func(o metav1.ListOptions) (runtime.Object, error) { return maps.List(ctx, o) }))
		p.PageSize = 4
		n := 0
		err := p.EachListItem(ctx, metav1.ListOptions{LabelSelector: "page"}, func(runtime.Object) error { n++; return nil })
		if n != 25 {
			err = fmt.Errorf("%d items", n)
		}
		l := must(maps.List(ctx, metav1.ListOptions{Limit: 4}))
		if l.RemainingItemCount == nil {
			return nil, errors.New("no remainingItemCount")
		}
		_, bad := maps.List(ctx, metav1.ListOptions{Limit: 4, Continue: "bad"})
		return bad, err
	})
	step("watch bookmarks, send initial events, retry watcher", func() (any, error) {
		yes := true
		seconds := int64(3)
		w := must(maps.Watch(ctx, metav1.ListOptions{SendInitialEvents: &yes, AllowWatchBookmarks: true, ResourceVersionMatch: metav1.ResourceVersionMatchNotOlderThan, TimeoutSeconds: &seconds}))
		n, mark := 0, ""
		for e := range w.ResultChan() {
			if e.Type == watch.Bookmark {
				m := must(meta.Accessor(e.Object))
				if m.GetAnnotations()[metav1.InitialEventsAnnotationKey] == "true" {
					mark = m.GetResourceVersion()
					break
				}
			}
			n++
		}
		w.Stop()
		rw := must(watchtools.NewRetryWatcherWithContext(ctx, mark, &cache.ListWatch{WatchFunc: func(o metav1.ListOptions) (watch.Interface, error) {
			return maps.Watch(ctx, o)
		}}))
		must(maps.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "seen"}}, metav1.CreateOptions{}))
		e := <-rw.ResultChan()
		rw.Stop()
		return fmt.Sprint(n, " initial, then ", e.Type), nil
	})
	step("typed, protobuf, dynamic and metadata informers", func() (any, error) {
		ictx, cancel := context.WithCancel(ctx)
		defer cancel()
		f := informers.NewSharedInformerFactoryWithOptions(clients, time.Second, informers.WithNamespace(ns))
		fp := informers.NewSharedInformerFactoryWithOptions(proto, 0, informers.WithNamespace(ns))
		fd := dynamicinformer.NewFilteredDynamicSharedInformerFactory(dyn, time.Second, ns, nil)
		fm := metadatainformer.NewFilteredSharedInformerFactory(md, 0, ns, nil)
		mapsResource := schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}
		all := map[string]cache.SharedIndexInformer{
			"typed maps":    f.Core().V1().ConfigMaps().Informer(),
			"protobuf maps": fp.Core().V1().ConfigMaps().Informer(),
			"dynamic maps":  fd.ForResource(mapsResource).Informer(),
			"metadata maps": fm.ForResource(mapsResource).Informer(),
			"dynamic cogs":  fd.ForResource(gvr).Informer(),
			"metadata cogs": fm.ForResource(gvr).Informer(),
		}
		others := []cache.SharedIndexInformer{fp.Core().V1().Secrets().Informer(), f.Coordination().V1().Leases().Informer(), f.Events().V1().Events().Informer(),
			fd.ForResource(schema.GroupVersionResource{Group: "workload.threeport.io", Version: "v1alpha1", Resource: "workloads"}).Informer()}
		for name, i := range all {
			must(0, i.SetWatchErrorHandler(func(_ *cache.Reflector, err error) { fmt.Println("     watch error:", name, err) }))
		}
		var resyncs atomic.Int32
		must(all["typed maps"].AddEventHandler(cache.ResourceEventHandlerFuncs{UpdateFunc: func(o, n any) {
			if o.(*corev1.ConfigMap).ResourceVersion == n.(*corev1.ConfigMap).ResourceVersion {
				resyncs.Add(1)
			}
		}}))
		f.Start(ictx.Done())
		fp.Start(ictx.Done())
		fd.Start(ictx.Done())
		fm.Start(ictx.Done())
		for _, i := range others {
			if !cache.WaitForCacheSync(ictx.Done(), i.HasSynced) {
				return nil, errors.New("no sync")
			}
		}
		for i := 0; i < 300; i++ {
			name := fmt.Sprintf("inf-%d", i%40)
			if i%7 == 6 {
				maps.Delete(ctx, name, metav1.DeleteOptions{})
				cogs.Delete(ctx, name, metav1.DeleteOptions{})
				continue
			}
			must(maps.Apply(ctx, applycore.ConfigMap(name, ns).WithData(map[string]string{"i": fmt.Sprint(i)}), metav1.ApplyOptions{FieldManager: "go"}))
			c := cog(name)
			unstructured.SetNestedField(c.Object, int64(i), "spec", "replicas")
			must(cogs.Apply(ctx, name, c, metav1.ApplyOptions{FieldManager: "go"}))
		}
		want := map[string]string{}
		for _, m := range must(maps.List(ctx, metav1.ListOptions{})).Items {
			want["maps "+m.Name] = m.ResourceVersion
		}
		for _, m := range must(cogs.List(ctx, metav1.ListOptions{})).Items {
			want["cogs "+m.GetName()] = m.GetResourceVersion()
		}
		for name, i := range all {
			kind := name[len(name)-4:]
			var differs string
			err := wait.PollUntilContextTimeout(ctx, 20*time.Millisecond, 10*time.Second, true, func(context.Context) (bool, error) {
				have := i.GetStore().List()
				n := 0
				for k := range want {
					if k[:4] == kind {
						n++
					}
				}
				differs = fmt.Sprint(len(have), " of ", n)
				if len(have) != n {
					return false, nil
				}
				for _, o := range have {
					m := must(meta.Accessor(o))
					if want[kind+" "+m.GetName()] != m.GetResourceVersion() {
						differs = m.GetName() + " " + m.GetResourceVersion()
						return false, nil
					}
				}
				return true, nil
			})
			if err != nil {
				return nil, fmt.Errorf("%s: %s", name, differs)
			}
		}
		err := wait.PollUntilContextTimeout(ctx, 20*time.Millisecond, 10*time.Second, true, func(context.Context) (bool, error) { return resyncs.Load() > 0, nil })
		return fmt.Sprint(len(want), " objects, ", resyncs.Load(), " resyncs"), err
	})
	step("events by a recorder", func() (any, error) {
		b := record.NewBroadcaster()
		b.StartRecordingToSink(&typedcore.EventSinkImpl{Interface: clients.CoreV1().Events(ns)})
		m := must(maps.Get(ctx, "a", metav1.GetOptions{}))
		r := b.NewRecorder(scheme.Scheme, corev1.EventSource{Component: "go"})
		for i := 0; i < 3; i++ {
			r.Event(m, corev1.EventTypeNormal, "Happened", "it did")
		}
		nb := events.NewBroadcaster(&events.EventSinkImpl{Interface: clients.EventsV1()})
		nb.StartRecordingToSink(ctx.Done())
		nr := nb.NewRecorder(scheme.Scheme, "go.example.com/c")
		for i := 0; i < 3; i++ {
			nr.Eventf(m, nil, corev1.EventTypeWarning, "Series", "Act", "note %d", 1)
		}
		var seen string
		err := wait.PollUntilContextTimeout(ctx, 20*time.Millisecond, 10*time.Second, true, func(context.Context) (bool, error) {
			l := must(clients.CoreV1().Events(ns).List(ctx, metav1.ListOptions{FieldSelector: "involvedObject.uid=" + string(m.UID)}))
			seen = ""
			count := 0
			for _, e := range l.Items {
				seen += fmt.Sprint(e.Reason, " ", e.Count, "; ")
				if e.Reason == "Happened" && e.Count == 3 {
					count++
				}
				if e.Reason == "Series" {
					count++
				}
			}
			return count == 2, nil
		})
		return seen, err
	})
	step("auth", func() (any, error) {
		r := must(clients.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, &authv1.SelfSubjectAccessReview{Spec: authv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &authv1.ResourceAttributes{Verb: "get", Resource: "configmaps"}}}, metav1.CreateOptions{}))
		return r.Status.Allowed, nil
	})
	step("two candidates for a lease, the leader stops without release", func() (any, error) {
		led := make(chan string, 10)
		run := func(id string) context.CancelFunc {
			lctx, cancel := context.WithCancel(ctx)
			lock := must(resourcelock.New(resourcelock.LeasesResourceLock, ns, "leader", clients.CoreV1(), clients.CoordinationV1(), resourcelock.ResourceLockConfig{Identity: id}))
			go leaderelection.RunOrDie(lctx, leaderelection.LeaderElectionConfig{Lock: lock, LeaseDuration: 3 * time.Second, RenewDeadline: 2 * time.Second, RetryPeriod: 200 * time.Millisecond,
				Callbacks: leaderelection.LeaderCallbacks{OnStartedLeading: func(context.Context) { led <- id }, OnStoppedLeading: func() {}, OnNewLeader: func(string) {}}})
			return cancel
		}
		cancels := map[string]context.CancelFunc{"one": run("one"), "two": run("two")}
		first := <-led
		cancels[first]()
		second := <-led
		if first == second {
			return nil, errors.New("the same")
		}
		l := must(clients.CoordinationV1().Leases(ns).Get(ctx, "leader", metav1.GetOptions{}))
		cancels[second]()
		return fmt.Sprint(first, " then ", second, " transitions ", *l.Spec.LeaseTransitions), nil
	})
	step("finalizer, foreground", func() (any, error) {
		c := cog("fin")
		c.SetFinalizers([]string{"go.example.com/f"})
		must(cogs.Create(ctx, c, metav1.CreateOptions{}))
		policy := metav1.DeletePropagationForeground
		must(0, cogs.Delete(ctx, "fin", metav1.DeleteOptions{PropagationPolicy: &policy}))
		got := must(cogs.Get(ctx, "fin", metav1.GetOptions{}))
		if got.GetDeletionTimestamp() == nil {
			return nil, errors.New("not deleting")
		}
		must(cogs.Patch(ctx, "fin", types.MergePatchType, []byte(`{"metadata":{"finalizers":null}}`), metav1.PatchOptions{}))
		return nil, wait.PollUntilContextTimeout(ctx, 20*time.Millisecond, 10*time.Second, true, func(context.Context) (bool, error) {
			_, err := cogs.Get(ctx, "fin", metav1.GetOptions{})
			return apierrors.IsNotFound(err), nil
		})
	})
	step("the namespace goes", func() (any, error) {
		must(0, dyn.Resource(crds).Delete(ctx, "cogs."+group, metav1.DeleteOptions{}))
		must(0, clients.CoreV1().Namespaces().Delete(ctx, ns, metav1.DeleteOptions{}))
		return nil, wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, 30*time.Second, true, func(context.Context) (bool, error) {
			_, err := clients.CoreV1().Namespaces().Get(ctx, ns, metav1.GetOptions{})
			return apierrors.IsNotFound(err), nil
		})
	})
	if failed.Load() > 0 {
		os.Exit(1)
	}
}

func follow(clients kubernetes.Interface, namespace, last string) {
	factory := informers.NewSharedInformerFactoryWithOptions(clients, 10*time.Second, informers.WithNamespace(namespace))
	informer := factory.Core().V1().ConfigMaps().Informer()
	var seen atomic.Int64
	count := func(any) { seen.Add(1) }
	must(informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    count,
		UpdateFunc: func(_, now any) { count(now) },
		DeleteFunc: count,
	}))
	factory.Start(ctx.Done())
	for {
		if _, found, _ := informer.GetStore().GetByKey(namespace + "/" + last); found {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	state := map[string][]any{}
	for _, one := range informer.GetStore().List() {
		m := one.(*corev1.ConfigMap)
		var data any
		if m.Data != nil {
			data = m.Data
		}
		state[m.Name] = []any{m.ResourceVersion, data}
	}
	must(0, json.NewEncoder(os.Stdout).Encode(map[string]any{"state": state, "events": seen.Load()}))
}
