// The full round with the unmodified official SDK for Go. Each step prints one line; steps build on each other, and all
// are tried whatever became of one.
package main

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	mns "github.com/aliyun/aliyun-mns-go-sdk"
	gogap "github.com/gogap/errors"
	"github.com/valyala/fasthttp"
)

const (
	// The SDK takes no address but one of the cloud's own form.
	endpoint = "http://1001.mns.cn-hangzhou.aliyuncs.com"
	body     = "hello 你好 <&>\n  two lines"
	garbage  = "1-ODU4OTkzLTItNg"
)

var (
	address = strings.TrimPrefix(os.Getenv("SMQ_ENDPOINT"), "http://")
	keyID   = os.Getenv("SMQ_KEY_ID")
	secret  = os.Getenv("SMQ_KEY_SECRET")
	name    = os.Getenv("SMQ_QUEUE")
)

// loopback leads the cloud's host name to the service under test.
type loopback struct{ client *fasthttp.HostClient }

func (l loopback) RoundTrip(_ *fasthttp.HostClient, request *fasthttp.Request, response *fasthttp.Response) (bool, error) {
	return false, l.client.Do(request, response)
}

func open(id, secret string) mns.MNSClient {
	client := mns.NewAliMNSClient(endpoint, id, secret)
	client.SetTransport(loopback{&fasthttp.HostClient{Addr: address, ReadTimeout: 40 * time.Second}})
	return client
}

type round struct {
	manager  mns.AliQueueManager
	queue    mns.AliMNSQueue
	sent     mns.MessageSendResponse
	received mns.MessageReceiveResponse
	ids      map[string]bool
	handles  []string
}

func newRound() *round {
	client := open(keyID, secret)
	return &round{manager: mns.NewMNSQueueManager(client), queue: mns.NewMNSQueue(name, client)}
}

func (r *round) create() error {
	return r.createWith(20)
}

func (r *round) createAgain() error {
	// The SDK makes an error of its own out of 204.
	return refused(mns.ERR_MNS_QUEUE_ALREADY_EXIST_AND_HAVE_SAME_ATTR, r.createWith(20))
}

func (r *round) createWithOtherAttributes() error {
	return refused(mns.ERR_MNS_QUEUE_ALREADY_EXIST, r.createWith(21))
}

func (r *round) createWith(visibility int32) error {
	return r.manager.CreateQueueWithOptions(name, mns.WithVisibilityTimeout(visibility))
}

func (r *round) setAndGetAttributes() error {
	if err := r.manager.SetQueueAttributesWithOptions(name, mns.WithVisibilityTimeout(25)); err != nil {
		return err
	}
	attributes, err := r.manager.GetQueueAttributes(name)
	if err != nil {
		return err
	}
	return errors.Join(
		expect(attributes.VisibilityTimeout == 25, "the new value is read, not %d", attributes.VisibilityTimeout),
		expect(attributes.QueueName == name, "the name is told, not %q", attributes.QueueName),
		expect(attributes.ActiveMessages == 0, "the queue is empty, not %d", attributes.ActiveMessages),
	)
}

func (r *round) list() error {
	if err := r.manager.CreateSimpleQueue(name + "-2"); err != nil {
		return err
	}
	first, err := r.manager.ListQueue("", 1, name)
	if err != nil {
		return err
	}
	second, err := r.manager.ListQueueDetail(first.NextMarker, 1, name)
	if err != nil {
		return err
	}
	if err := expect(len(first.Queues) == 1 && len(second.Attrs) == 1, "a page holds one queue"); err != nil {
		return err
	}
	return errors.Join(
		expect(strings.HasSuffix(first.Queues[0].QueueURL, "/queues/"+name), "the address is told, not %q", first.Queues[0].QueueURL),
		expect(second.Attrs[0].QueueName == name+"-2", "the second page follows, not %q", second.Attrs[0].QueueName),
		expect(second.Attrs[0].VisibilityTimeout == 30, "attributes are listed"),
		expect(second.NextMarker == "", "the last page has no marker"),
		r.manager.DeleteQueue(name+"-2"),
	)
}

func (r *round) receiveNothing() error {
	_, err := receive(r.queue)
	return refused(mns.ERR_MNS_MESSAGE_NOT_EXIST, err)
}

func (r *round) send() (err error) {
	r.sent, err = r.queue.SendMessage(mns.MessageSendRequest{MessageBody: body, Priority: 3})
	if err != nil {
		return err
	}
	return expect(len(r.sent.MessageId) == 32, "it gets an id, not %q", r.sent.MessageId)
}

func (r *round) peek() error {
	peeked, err := answer(func(messages chan mns.MessageReceiveResponse, failures chan error) {
		r.queue.PeekMessage(messages, failures)
	})
	if err != nil {
		return err
	}
	return errors.Join(
		expect(peeked.MessageId == r.sent.MessageId, "the message is seen"),
		expect(peeked.DequeueCount == 0, "a peek does not count"),
	)
}

func (r *round) receive() (err error) {
	r.received, err = receive(r.queue, 1)
	if err != nil {
		return err
	}
	return errors.Join(
		expect(r.received.MessageId == r.sent.MessageId, "the same message comes"),
		expect(r.received.MessageBody == body, "its body is whole, not %q", r.received.MessageBody),
		expect(r.received.MessageBodyMD5 == r.sent.MessageBodyMD5, "its digest is the same"),
		expect(r.received.DequeueCount == 1, "it is received for the first time"),
		expect(r.received.Priority == 3, "its priority is kept, not %d", r.received.Priority),
		r.receiveNothing(),
	)
}

func (r *round) changeVisibility() error {
	before := time.Now()
	changed, err := r.queue.ChangeMessageVisibility(r.received.ReceiptHandle, 1)
	if err != nil {
		return err
	}
	left := time.UnixMilli(changed.NextVisibleTime).Sub(before)
	return expect(left > 0 && left < 5*time.Second, "it counts from now, not %v", left)
}

func (r *round) receiveAgain() error {
	again, err := receive(r.queue, 10)
	if err != nil {
		return err
	}
	stale := r.received.ReceiptHandle
	r.received = again
	return errors.Join(
		expect(again.MessageId == r.sent.MessageId, "the same message comes"),
		expect(again.DequeueCount == 2, "it says that it is a repeat"),
		refused(mns.ERR_MNS_MESSAGE_NOT_EXIST, r.queue.DeleteMessage(stale)),
	)
}

func (r *round) delete() error {
	return r.queue.DeleteMessage(r.received.ReceiptHandle)
}

func (r *round) deleteWithStaleHandle() error {
	return refused(mns.ERR_MNS_MESSAGE_NOT_EXIST, r.queue.DeleteMessage(r.received.ReceiptHandle))
}

func (r *round) deleteWithGarbageHandle() error {
	return refused(mns.ERR_MNS_RECEIPT_HANDLE_ERROR, r.queue.DeleteMessage(garbage))
}

func (r *round) batchSend() error {
	requests := make([]mns.MessageSendRequest, 16)
	for index := range requests {
		requests[index].MessageBody = fmt.Sprintf("message %d", index)
	}
	sent, err := r.queue.BatchSendMessage(requests...)
	if err != nil {
		return err
	}
	r.ids = make(map[string]bool)
	for _, message := range sent.Messages {
		r.ids[message.MessageId] = true
	}
	return expect(len(r.ids) == 16, "each gets its answer, not %d", len(r.ids))
}

func (r *round) batchPeek() error {
	peeked, err := answer(func(batches chan mns.BatchMessageReceiveResponse, failures chan error) {
		r.queue.BatchPeekMessage(batches, failures, 16)
	})
	if err != nil {
		return err
	}
	return r.expectAll(peeked)
}

func (r *round) batchReceive() error {
	received, err := receiveBatch(r.queue, 16, 1)
	if err != nil {
		return err
	}
	for _, message := range received.Messages {
		r.handles = append(r.handles, message.ReceiptHandle)
	}
	_, err = receiveBatch(r.queue, 16)
	return errors.Join(r.expectAll(received), refused(mns.ERR_MNS_MESSAGE_NOT_EXIST, err))
}

func (r *round) expectAll(batch mns.BatchMessageReceiveResponse) error {
	known := 0
	for _, message := range batch.Messages {
		if r.ids[message.MessageId] {
			known++
		}
	}
	return expect(known == 16 && len(batch.Messages) == 16, "all come, not %d of %d", known, len(batch.Messages))
}

func (r *round) batchDelete() error {
	if err := expect(len(r.handles) == 16, "the batch was received"); err != nil {
		return err
	}
	last := r.handles[15]
	r.handles[15] = garbage
	failed, err := r.queue.BatchDeleteMessage(r.handles...)
	if err := refused(mns.ERR_MNS_BATCH_OP_FAIL, err); err != nil {
		return err
	}
	if err := expect(len(failed.FailedMessages) == 1, "one handle fails, not %v", failed.FailedMessages); err != nil {
		return err
	}
	return errors.Join(
		expect(failed.FailedMessages[0].ReceiptHandle == garbage, "it is the garbage handle"),
		refused(mns.ERR_MNS_MESSAGE_NOT_EXIST, r.queue.DeleteMessage(r.handles[0])),
		r.queue.DeleteMessage(last),
	)
}

func (r *round) delayedSend() error {
	if _, err := r.queue.SendMessage(mns.MessageSendRequest{MessageBody: "later", DelaySeconds: 1}); err != nil {
		return err
	}
	if err := r.receiveNothing(); err != nil {
		return err
	}
	received, err := receive(r.queue, 10)
	if err != nil {
		return err
	}
	return r.queue.DeleteMessage(received.ReceiptHandle)
}

func (r *round) longPoll() error {
	sent := make(chan error, 1)
	go func() {
		time.Sleep(500 * time.Millisecond)
		_, err := r.queue.SendMessage(mns.MessageSendRequest{MessageBody: "at last"})
		sent <- err
	}()
	started := time.Now()
	received, err := receive(r.queue, 20)
	waited := time.Since(started)
	if err := errors.Join(err, <-sent); err != nil {
		return err
	}
	return errors.Join(
		expect(waited > 300*time.Millisecond && waited < 15*time.Second, "the send wakes it, not after %v", waited),
		r.queue.DeleteMessage(received.ReceiptHandle),
	)
}

func unknownKey() error {
	_, err := receive(mns.NewMNSQueue(name, open("nobody", "x")))
	return refused(mns.ERR_MNS_INVALID_ACCESS_KEY_ID, err)
}

func wrongSecret() error {
	_, err := receive(mns.NewMNSQueue(name, open(keyID, "wrong")))
	return refused(mns.ERR_MNS_SIGNATURE_DOES_NOT_MATCH, err)
}

func (r *round) deleteQueue() error {
	return r.manager.DeleteQueue(name)
}

func (r *round) sendToNoQueue() error {
	_, err := r.queue.SendMessage(mns.MessageSendRequest{MessageBody: "nobody home"})
	return refused(mns.ERR_MNS_QUEUE_NOT_EXIST, err)
}

func receive(queue mns.AliMNSQueue, wait ...int64) (mns.MessageReceiveResponse, error) {
	return answer(func(messages chan mns.MessageReceiveResponse, failures chan error) {
		queue.ReceiveMessage(messages, failures, wait...)
	})
}

func receiveBatch(queue mns.AliMNSQueue, count int32, wait ...int64) (mns.BatchMessageReceiveResponse, error) {
	return answer(func(batches chan mns.BatchMessageReceiveResponse, failures chan error) {
		queue.BatchReceiveMessage(batches, failures, count, wait...)
	})
}

// answer turns the two channels that the SDK answers on into a result.
func answer[T any](call func(chan T, chan error)) (T, error) {
	answers, failures := make(chan T, 1), make(chan error, 1)
	call(answers, failures)
	select {
	case result := <-answers:
		return result, nil
	case err := <-failures:
		var none T
		return none, err
	}
}

func expect(condition bool, what string, values ...any) error {
	if condition {
		return nil
	}
	return fmt.Errorf("expected that %s", fmt.Sprintf(what, values...))
}

func refused(code gogap.ErrCodeTemplate, err error) error {
	if err == nil {
		return errors.New("expected an error, got success")
	}
	if !code.IsEqual(err) {
		return fmt.Errorf("expected another error than %w", err)
	}
	return nil
}

func printVersion() {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return
	}
	for _, module := range build.Deps {
		if strings.HasSuffix(module.Path, "/aliyun-mns-go-sdk") {
			fmt.Println("version aliyun-mns-go-sdk-" + strings.TrimPrefix(module.Version, "v"))
		}
	}
}

func main() {
	printVersion()
	r := newRound()
	steps := []struct {
		name string
		run  func() error
	}{
		{"create", r.create},
		{"create again with the same attributes", r.createAgain},
		{"create again with other attributes", r.createWithOtherAttributes},
		{"set and get attributes", r.setAndGetAttributes},
		{"list by prefix, page by page", r.list},
		{"receive from an empty queue", r.receiveNothing},
		{"send", r.send}, // this SDK knows no properties
		{"peek", r.peek},
		{"receive", r.receive},
		{"change visibility", r.changeVisibility},
		{"receive again when visibility ends", r.receiveAgain},
		{"delete", r.delete},
		{"delete with a stale handle", r.deleteWithStaleHandle},
		{"delete with a garbage handle", r.deleteWithGarbageHandle},
		{"batch send", r.batchSend},
		{"batch peek", r.batchPeek},
		{"batch receive", r.batchReceive},
		{"batch delete with one garbage handle", r.batchDelete},
		{"delayed send", r.delayedSend},
		{"long poll woken by a send", r.longPoll},
		{"unknown key", unknownKey},
		{"wrong secret", wrongSecret},
		{"delete queue", r.deleteQueue},
		{"send to a queue that is gone", r.sendToNoQueue},
	}
	failed := false
	for _, step := range steps {
		if err := step.run(); err != nil {
			failed = true
			fmt.Printf("FAIL %s: %v\n", step.name, err)
			continue
		}
		fmt.Printf("ok %s\n", step.name)
	}
	if failed {
		os.Exit(1)
	}
}
